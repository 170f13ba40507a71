"""Steps that look at one cell alone, computed together a block of cells at a time.

What such a step hands to one of its kind, and to nobody else, never becomes a matrix: it lives in a
block that stays in the core's cache. A kernel of one cell does not see where its cells stand, so
that blocks are cut from the flat matrix, and no byte depends on them. It writes each cell, so that
a block keeps what was in it until then.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..dsl.nodes import Axis, Constant, Node
from .arguments import layout, placed

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..core.panel import Matrix
    from .graph import Graph
    from .kernels import Kernels

# Cells of a block: 128 kB. Smaller ones cost more calls than they save in misses.
BLOCK = 16_384
# Matrices that one fused step may read: more do not stay in the cache side by side.
INPUTS_MAX = 8


def is_cellwise(node: Node) -> bool:
    """Tell whether an operator's answers are each made of its inputs at that cell."""
    return node.axis is Axis.ELEMENT and bool(node.children()) and not node.carries_state


def fused(graph: "Graph", asked: "Collection[int]") -> dict[int, tuple[int, ...]]:
    """Return the steps of each fused step, in order, by the last one, whose answer it gives.

    A step is inside another when only that one's steps read it and it is not ``asked`` for. What is
    known and read like a field is not computed, and so is never one of them.
    """
    readers: list[list[int]] = [[] for _ in graph.steps]
    for place, step in enumerate(graph.steps):
        for source in step.inputs:
            readers[source].append(place)
    head = list(range(len(graph.steps)))
    members: dict[int, list[int]] = {}
    read: dict[int, set[int]] = {}
    for place in range(len(graph.steps) - 1, -1, -1):
        step = graph.steps[place]
        if not step.inputs or not is_cellwise(step.node):
            continue
        own = {
            source for source in step.inputs if not isinstance(graph.steps[source].node, Constant)
        }
        heads = {head[reader] for reader in readers[place]}
        if place not in asked and len(heads) == 1 and (last := min(heads)) in members:
            joined = (read[last] - {place}) | own
            if len(joined) <= INPUTS_MAX:
                head[place], read[last] = last, joined
                members[last].append(place)
                continue
        members[place], read[place] = [place], own
    return {last: tuple(reversed(found)) for last, found in members.items()}


class Fused:
    """The steps that end in one, compiled or not, and the blocks they work in."""

    def __init__(self, graph: "Graph", members: tuple[int, ...], kernels: "Kernels") -> None:
        """Find the kernels, and give each answer a block; one is used again after its reader."""
        steps = {place: graph.steps[place] for place in members}
        read = dict.fromkeys(source for step in steps.values() for source in step.inputs)
        outer = [source for source in read if source not in steps]
        constants = {
            source: graph.steps[source].node
            for source in outer
            if isinstance(graph.steps[source].node, Constant)
        }
        self.inputs = tuple(source for source in outer if source not in constants)
        slots = {place: slot for slot, place in enumerate((*self.inputs, *constants, *members))}
        last_read = {source: place for place, step in steps.items() for source in step.inputs}
        self._size = BLOCK if len(members) > 1 or constants else 0
        blocks: dict[int, Matrix] = {}
        free: list[Matrix] = []
        for place in members[:-1]:
            blocks[place] = free.pop() if free else np.empty((1, self._size))
            free.extend(
                blocks[source]
                for source in dict.fromkeys(steps[place].inputs)
                if source in blocks and last_read[source] == place
            )
        self._own = [
            *(np.full((1, self._size), node.value) for node in constants.values()),  # type: ignore[attr-defined]
            *(blocks[place] for place in members[:-1]),
        ]
        self._steps = [
            (
                kernels.of(type(step.node)),
                layout(step.node),
                [slots[source] for source in step.inputs],
                slots[place],
            )
            for place, step in steps.items()
        ]

    def run(self, values: "Mapping[int, Matrix]", first_bar: int, out: "Matrix") -> None:
        """Write the last step's answers; inputs by step, and ``out``, of one shape."""
        flat = [values[place].reshape(1, -1) for place in self.inputs]
        answer = out.reshape(1, -1)
        size = self._size or max(1, out.size)
        for start in range(0, out.size, size):
            stop = min(start + size, out.size)
            blocks = [
                *(matrix[:, start:stop] for matrix in flat),
                *(block[:, : stop - start] for block in self._own),
                answer[:, start:stop],
            ]
            for kernel, how, sources, slot in self._steps:
                inputs = [blocks[source] for source in sources]
                kernel(*placed(how, inputs), first_bar, blocks[slot])
