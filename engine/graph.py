"""One graph of many formulas: equal sub-expressions are one step, inputs stand before consumers."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..dsl.nodes import Node

if TYPE_CHECKING:
    from ..core.panel import Matrix


@dataclass(frozen=True, slots=True)
class Step:
    """A node and the steps it reads, by their places in the graph."""

    node: Node
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Steps in an order in which they can be computed, and the places of what was asked for."""

    steps: tuple[Step, ...]
    roots: tuple[int, ...]


def graph_of(roots: Sequence[Node]) -> Graph:
    """Join formulas into a graph in which equal nodes are one."""
    steps: list[Step] = []
    places: dict[Hashable, int] = {}
    # By identity, since comparing two deep nodes costs as much as their trees are large.
    seen: dict[int, int] = {}
    for root in roots:
        stack = [root]
        while stack:
            node = stack[-1]
            children = node.children()
            missing = [child for child in children if id(child) not in seen]
            if missing:
                stack.extend(reversed(missing))
                continue
            stack.pop()
            if id(node) in seen:
                continue
            inputs = tuple(seen[id(child)] for child in children)
            key = (type(node), tuple(node.parameters().items()), inputs)
            if key not in places:
                places[key] = len(steps)
                steps.append(Step(node, inputs))
            seen[id(node)] = places[key]
    return Graph(tuple(steps), tuple(seen[id(root)] for root in roots))


def pruned(
    graph: Graph, find: "Callable[[Node], Matrix | None]"
) -> "tuple[Graph, dict[int, Matrix]]":
    """Leave out what is only needed for values that are known; return those by place.

    ``find`` is asked from the results down, and not below what it knows.
    """
    wanted = set(graph.roots)
    known: dict[int, Matrix] = {}
    for place in range(len(graph.steps) - 1, -1, -1):
        if place in wanted:
            step = graph.steps[place]
            values = find(step.node) if step.inputs else None
            if values is None:
                wanted.update(step.inputs)
            else:
                known[place] = values
    new = {old: place for place, old in enumerate(sorted(wanted))}
    steps = tuple(
        Step(
            graph.steps[old].node,
            () if old in known else tuple(new[source] for source in graph.steps[old].inputs),
        )
        for old in new
    )
    left = Graph(steps, tuple(new[root] for root in graph.roots))
    return left, {new[old]: values for old, values in known.items()}
