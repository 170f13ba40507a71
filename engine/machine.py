"""Formulas computed a chunk of bars at a time, each chunk going on where the last one ended.

1. Before the rows of a chunk, each step has the last rows of its own answers that the windows of
   its consumers reach (``kept_bars``). A kernel sees those rows of its inputs and the new ones, and
   its answers at the new rows are kept: they have the bytes that they have in one piece.
2. An operator that carries state runs over new rows alone and leaves its state for the next chunk.
3. Inputs of an operator that looks across instruments are NaN outside the universe, since only
   members count at a bar.
4. Steps that look at one cell alone are computed in blocks (``fusion``), and those inside such a
   block have no buffer.
5. Steps share buffers: one whose last consumer is done is written by a later step. A result is
   handed out as soon as it is there, and is not kept.
6. What a chunk needs of the one before it reads in its ``Handover``, so that two machines may be at
   two chunks at the same time, the later one a few steps behind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NotFoundError
from ..core.nearest import nearest
from ..dsl.kernels import settle
from ..dsl.nodes import Axis, Constant, Field, Node
from .arguments import layout, placed
from .fusion import Fused, fused
from .handover import Handover
from .reach import kept_bars, own_bars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.panel import Matrix
    from .graph import Graph
    from .kernels import Kernels

    BoolMatrix = NDArray[np.bool_]

# Given a step's place, its answers at the new rows; valid during the call.
Taker = Callable[[int, "Matrix"], None]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next rows: fields and known values by step, and who is not a member at them.

    ``first_bar`` is the absolute index of the first row.
    """

    sources: "Mapping[int, Matrix]"
    first_bar: int
    rows: int
    outside: "BoolMatrix | None" = None


class Machine:
    """Computes one graph on the bars it is given, on one thread; it keeps buffers alone.

    ``size`` is a chunk's: its most rows, and its columns. ``bars_max`` bounds the bars there will
    ever be: no history is longer. Besides the graph's roots, the answers of the steps of ``also``
    are asked for.
    """

    def __init__(
        self,
        graph: "Graph",
        kernels: "Kernels",
        size: tuple[int, int],
        bars_max: int,
        also: frozenset[int] = frozenset(),
    ) -> None:
        """Find the kernels, and count the rows that buffers and histories need."""
        self._graph = graph
        rows_max, self._columns = size
        self._kept = [min(bars, bars_max) for bars in kept_bars(graph)]
        self._lead = [min(own_bars(step.node), bars_max) for step in graph.steps]
        self._front = max([0, *self._kept, *self._lead])
        self._capacity = self._front + rows_max
        self._asked = also | set(graph.roots)
        groups = fused(graph, self._asked)
        self._fused = {last: Fused(graph, steps, kernels) for last, steps in groups.items()}
        self._order = self._with_buffers()
        self._kernels = [_kernel_of(step.node, kernels) for step in graph.steps]
        self._arguments = [layout(step.node) for step in graph.steps]
        self._last = self._last_readers()
        self._free: list[Matrix] = []
        self._constants: dict[int, Matrix] = {}

    @property
    def steps(self) -> int:
        """Count the steps of a chunk."""
        return len(self._order)

    def advance(self, chunk: "Chunk", take: Taker, past: Handover, here: Handover) -> None:
        """Compute the next rows; ``take`` gets the answers that are asked for, inputs first.

        ``past`` is left by the rows before, ``here`` is written; of one step, ``take`` gets the
        rows of chunks in the order of time.

        Raises:
            AbandonedError: when the rows before are not all computed, and never will be.
        """
        with here:
            values: dict[int, Matrix] = {}
            for number, place in enumerate(self._order):
                if self._graph.steps[place].node.carries_state:
                    past.wait(number)
                out = values[place] = self._answered(place, values, chunk, (past, here))
                is_kept = self._kept[place] > 0 and place not in self._constants
                if is_kept or place in self._asked:
                    past.wait(number)
                if is_kept:
                    old = past.histories.get(place)
                    here.histories[place] = self._remember(place, out, chunk.rows, old)
                if place in self._asked:
                    take(place, self._new(out, chunk.rows))
                here.tell(number + 1)
                for done in self._last[place]:
                    buffer = values.pop(done)
                    if done not in self._constants:
                        self._free.append(buffer)

    def _answered(
        self,
        place: int,
        values: "Mapping[int, Matrix]",
        chunk: "Chunk",
        around: tuple[Handover, Handover],
    ) -> "Matrix":
        """Return a buffer with a step's answers at the new rows."""
        node = self._graph.steps[place].node
        if isinstance(node, Constant):
            return self._constant(place, node.value)
        out = self._free.pop() if self._free else self._buffer()
        new = self._new(out, chunk.rows)
        if place in chunk.sources:
            new[:] = chunk.sources[place]
            settle(new)
        elif node.carries_state:
            past, here = around
            here.states[place] = self._carry(place, values, new, (chunk, past.states.get(place)))
        elif place in self._fused:
            one = self._fused[place]
            inputs = {source: self._new(values[source], chunk.rows) for source in one.inputs}
            one.run(inputs, chunk.first_bar, new)
        else:
            self._compute(place, values, out, (chunk, around[0].bars_seen))
        return out

    def _new(self, buffer: "Matrix", rows: int, before: int = 0) -> "Matrix":
        return buffer[self._front - before : self._front + rows]

    def _buffer(self) -> "Matrix":
        # Pages that no step reaches are never touched.
        return np.empty((self._capacity, self._columns))

    def _constant(self, place: int, value: float) -> "Matrix":
        if place not in self._constants:
            self._constants[place] = np.full((self._capacity, self._columns), value)
        return self._constants[place]

    def _carry(
        self,
        place: int,
        values: "Mapping[int, Matrix]",
        new: "Matrix",
        come_to: "tuple[Chunk, Matrix | None]",
    ) -> "Matrix":
        step = self._graph.steps[place]
        chunk, old = come_to
        # Copied, so that a chunk that fails leaves the states as they were.
        size = (type(step.node).state_rows, self._columns)
        state = np.full(size, np.nan) if old is None else old.copy()
        new.fill(np.nan)
        inputs = [self._new(values[source], chunk.rows) for source in step.inputs]
        self._kernels[place](*placed(self._arguments[place], inputs), state, chunk.first_bar, new)
        return state

    def _compute(
        self,
        place: int,
        values: "Mapping[int, Matrix]",
        out: "Matrix",
        come_to: "tuple[Chunk, int]",
    ) -> None:
        step = self._graph.steps[place]
        chunk, bars_seen = come_to
        lead = min(self._lead[place], bars_seen)
        inputs = [self._new(values[source], chunk.rows, lead) for source in step.inputs]
        masks: list[Matrix] = []
        if chunk.outside is not None and step.node.axis is Axis.CROSS:
            inputs = masks = [self._masked(one, chunk.outside) for one in inputs]
        target = self._new(out, chunk.rows, lead)
        target.fill(np.nan)
        arguments = placed(self._arguments[place], inputs)
        self._kernels[place](*arguments, chunk.first_bar - lead, target)
        self._free.extend(one.base for one in masks if one.base is not None)

    def _masked(self, values: "Matrix", outside: "BoolMatrix") -> "Matrix":
        buffer = self._free.pop() if self._free else self._buffer()
        masked = self._new(buffer, len(values))
        masked[:] = values
        np.copyto(masked, np.nan, where=outside)
        return masked

    def _remember(self, place: int, out: "Matrix", rows: int, old: "Matrix | None") -> "Matrix":
        """Put the step's last answers before the new ones; return what the next chunk needs."""
        before = 0 if old is None else len(old)
        if old is not None:
            out[self._front - before : self._front] = old
        known = self._new(out, rows, before)
        return known[max(0, len(known) - self._kept[place]) :].copy()

    def _inputs(self, place: int) -> tuple[int, ...]:
        one = self._fused.get(place)
        return one.inputs if one else self._graph.steps[place].inputs

    def _with_buffers(self) -> list[int]:
        """List the steps whose answers are asked for, or read by others than those of a block."""
        found = set(self._asked)
        for place in range(len(self._graph.steps) - 1, -1, -1):
            if place in found:
                found.update(self._inputs(place))
        return sorted(found)

    def _last_readers(self) -> dict[int, list[int]]:
        """List, for each step, those that nobody reads after it; itself, if nobody ever does."""
        last = {place: place for place in self._order}
        for place in self._order:
            for source in self._inputs(place):
                last[source] = place
        found: dict[int, list[int]] = {place: [] for place in self._order}
        for source, place in last.items():
            found[place].append(source)
        return found


def require_field(name: str, names: "Mapping[str, Matrix]", dataset: str) -> "Matrix":
    """Return a field of a panel.

    Raises:
        NotFoundError: when there is none of this name.
    """
    if name not in names:
        meant = nearest(name, names)
        raise NotFoundError(
            f"the panel of `{dataset}` has no field `{name}`",
            help=f"did you mean `{meant}`?" if meant else "import data that has it",
        )
    return names[name]


def _kernel_of(node: Node, kernels: "Kernels") -> Callable[..., None]:
    return _nothing if isinstance(node, (Field, Constant)) else kernels.of(type(node))


def _nothing(*_arguments: object) -> None:
    """Stand where a step has no kernel."""
