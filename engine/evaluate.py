"""Formulas on a panel: each distinct sub-expression once, columns given back when read.

1. The formulas become one graph (``graph``).
2. Steps run in its order. A field is copied and settled, a constant fills a matrix, an operator
   runs its kernel; inputs of an operator that looks across instruments are NaN outside the
   universe, since only members count at a bar.
3. An operator that carries state runs over the rows that are new; what it answered before, and
   its state, come from the chunk before (``states``).
4. A matrix whose last reader is done is used again for the next step.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NotFoundError
from ..core.nearest import nearest
from ..core.progress import Report, silent
from ..dsl.kernels import settle
from ..dsl.nodes import Axis, Constant, Field, Node, Parameter, signature
from .graph import Graph, Step, graph_of
from .kernels import Kernels
from .remembered import Memory
from .states import States, kept_bars, last_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.panel import Matrix, Panel

    BoolMatrix = NDArray[np.bool_]


class Evaluator:
    """Evaluates formulas with the kernels it was given; holds nothing between calls.

    What was computed before is read from ``memory``, and what it wants is left there.
    """

    def __init__(self, kernels: Kernels, *, threads: int = 1, memory: Memory | None = None) -> None:
        """Take the kernels to use, the most threads to compute with, and a store of values."""
        assert threads >= 1
        self._kernels = kernels
        self._threads = threads
        self._memory = memory

    def evaluate(
        self,
        roots: Sequence[Node],
        panel: "Panel",
        universe: "BoolMatrix | None" = None,
        report: Report = silent,
        *,
        states: States | None = None,
    ) -> "list[Matrix]":
        """Return each formula's values, ``[time, instrument]``; equal formulas share a matrix.

        ``universe`` says who is a member at each bar; without it everybody is. With ``states``
        the panel is the next chunk of bars, a few old ones first (``look_back`` counts them): the
        new rows get the bytes they would have in one piece, and the states are moved on. Without,
        the panel is the whole: operators that carry state begin at its first bar.

        Raises:
            NotFoundError: when the panel lacks a field.
            InvalidInputError: when the panel does not go on where ``states`` ended.
        """
        assert universe is None or universe.shape == panel.shape
        graph = graph_of(roots)
        states = States() if states is None else states
        work = _Work(self._kernels, panel, universe, graph, states)
        for place, step in enumerate(graph.steps):
            report(place, len(graph.steps), _title(step.node))
            work.run(place, step)
        states.leave(panel, work.rows, work.answers)
        report(len(graph.steps), len(graph.steps), "values are computed")
        return [work.values[place] for place in graph.roots]


class _Work:
    """The matrices of one evaluation: those still to be read, and those free to be written."""

    def __init__(
        self,
        kernels: Kernels,
        panel: "Panel",
        universe: "BoolMatrix | None",
        graph: Graph,
        states: States,
    ) -> None:
        self.values: dict[int, Matrix] = {}
        # What the next chunk will need.
        self.rows: dict[int, Matrix] = {}
        self.answers: dict[int, Matrix] = {}
        self._states = states
        self._old = states.enter(graph, panel)
        self._kept = kept_bars(graph)
        self._kernels = kernels
        self._panel = panel
        self._outside = None if universe is None or universe.all() else ~universe
        self._readers = list(graph.consumers)
        self._free: list[Matrix] = []

    def run(self, place: int, step: Step) -> None:
        """Compute one step and give back the matrices it was the last to read."""
        if isinstance(step.node, Field):
            self.values[place] = self._field(step.node.field)
        elif isinstance(step.node, Constant):
            self.values[place] = self._filled(step.node.value)
        elif step.node.carries_state:
            self.values[place] = self._carrying(place, step)
        else:
            self.values[place] = self._operator(step)
        for read in step.inputs:
            self._readers[read] -= 1
            if not self._readers[read]:
                self._free.append(self.values.pop(read))

    def _operator(self, step: Step) -> "Matrix":
        inputs = [self.values[place] for place in step.inputs]
        is_masked = step.node.axis is Axis.CROSS and self._outside is not None
        if is_masked:
            inputs = [self._masked(values) for values in inputs]
        out = self._filled(np.nan)
        kernel = self._kernels.of(type(step.node))
        kernel(*_arguments(step.node, inputs), self._panel.first_bar, out)
        if is_masked:
            self._free.extend(inputs)
        return out

    def _carrying(self, place: int, step: Step) -> "Matrix":
        """Run an operator over the new rows; its answers at the old ones are those of before."""
        old, before = self._old, self._states.answers.get(place)
        out = self._filled(np.nan)
        if before is not None and old and len(before):
            out[max(0, old - len(before)) : old] = before[-old:]
        state = self._states.rows.get(place)
        # Copied, so that a chunk that fails leaves the states as they were.
        rows = type(step.node).state_rows
        state = np.full((rows, out.shape[1]), np.nan) if state is None else state.copy()
        inputs = [self.values[source][old:] for source in step.inputs]
        kernel = self._kernels.of(type(step.node))
        kernel(*_arguments(step.node, inputs), state, self._panel.first_bar + old, out[old:])
        known = out if before is None else np.concatenate([before, out[old:]])
        self.rows[place], self.answers[place] = state, last_rows(known, self._kept[place])
        return out

    def _field(self, name: str) -> "Matrix":
        if name not in self._panel.fields:
            meant = nearest(name, self._panel.fields)
            raise NotFoundError(
                f"the panel of `{self._panel.dataset}` has no field `{name}`",
                help=f"did you mean `{meant}`?" if meant else "import data that has it",
            )
        out = self._empty()
        out[:] = self._panel.fields[name]
        settle(out)
        return out

    def _masked(self, values: "Matrix") -> "Matrix":
        out = self._empty()
        out[:] = values
        np.copyto(out, np.nan, where=self._outside if self._outside is not None else False)
        return out

    def _filled(self, value: float) -> "Matrix":
        out = self._empty()
        out.fill(value)
        return out

    def _empty(self) -> "Matrix":
        return self._free.pop() if self._free else np.empty(self._panel.shape, np.float64)


def _arguments(node: Node, inputs: "Sequence[Matrix]") -> "list[object]":
    """Put matrices and numbers in the order of the operator's own arguments."""
    rest = iter(inputs)
    found: list[object] = []
    kinds = signature(type(node))
    for field in fields(node):  # type: ignore[arg-type]
        value = getattr(node, field.name)
        if isinstance(value, Node):
            found.append(next(rest))
        elif isinstance(value, tuple):
            found.append(tuple(next(rest) for _ in value))
        else:
            # A whole number given for a float must reach the compiled kernel as a float.
            is_number = kinds[field.name][0] is Parameter.NUMBER
            found.append(float(value) if is_number else value)
    return found


def _title(node: Node) -> str:
    return node.name or (node.field if isinstance(node, Field) else "constant")
