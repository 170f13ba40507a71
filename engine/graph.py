"""One graph of many formulas: equal sub-expressions are one step, inputs stand before consumers."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ..dsl.nodes import Node


@dataclass(frozen=True, slots=True)
class Step:
    """A node and the steps it reads, by their places in the graph."""

    node: Node
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """Steps in an order in which they can be computed; ``consumers`` counts each step's readers.

    A root is read once more by whoever asked for it.
    """

    steps: tuple[Step, ...]
    roots: tuple[int, ...]
    consumers: tuple[int, ...]


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
    ends = tuple(seen[id(root)] for root in roots)
    return Graph(tuple(steps), ends, _consumers(steps, ends))


def _consumers(steps: Sequence[Step], ends: Sequence[int]) -> tuple[int, ...]:
    counts = [0] * len(steps)
    for place in ends:
        counts[place] += 1
    for step in steps:
        for place in step.inputs:
            counts[place] += 1
    return tuple(counts)
