"""Formulas on a panel: each distinct sub-expression once, in chunks of bars that stay in the cache.

1. The formulas become one graph (``graph``); what a store remembers is read like a field.
2. A machine takes the panel a chunk at a time (``machine``), and results stream out of it. Rows of
   a chunk: as many as make ``CELLS``, and a few times the longest window, which is seen again.
3. Threads take chunks in turn. A later chunk is some steps behind the one before, whose windows and
   states it reads, so that nothing is computed twice and results come in the order of time.

Neither the size of chunks nor the count of threads changes a byte.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..core.progress import Report, silent
from ..dsl.nodes import Field, Node
from .graph import Graph, graph_of, pruned
from .handover import AbandonedError, Handover
from .kernels import Kernels
from .machine import Chunk, Machine, require_field
from .reach import own_bars
from .remembered import Memory, Remembered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.panel import Matrix, Panel

    BoolMatrix = NDArray[np.bool_]

# Cells of a chunk's matrix: a megabyte, so that those in use fit the processor's cache.
CELLS = 131_072
WINDOWS_A_CHUNK = 4

# Given a root's number, a row and the values from that row on; valid during the call.
Sink = Callable[[int, int, "Matrix"], None]


class Evaluator:
    """Evaluates formulas with the kernels it was given; holds nothing between calls.

    What was computed before is read from ``memory``, and what it wants is left there.
    """

    def __init__(
        self,
        kernels: Kernels,
        *,
        threads: int = 1,
        memory: Memory | None = None,
        cells: int = CELLS,
    ) -> None:
        """Take the kernels, the most threads to use, a store of values, and a chunk's size."""
        assert threads >= 1
        assert cells >= 1
        self._kernels = kernels
        self._threads = threads
        self._memory = memory
        self._cells = cells

    @property
    def kernels(self) -> Kernels:
        """Return the kernels it was given."""
        return self._kernels

    def evaluate(
        self,
        roots: Sequence[Node],
        panel: "Panel",
        universe: "BoolMatrix | None" = None,
        report: Report = silent,
    ) -> "list[Matrix]":
        """Return each formula's values, ``[time, instrument]``; equal formulas share a matrix.

        ``universe`` says who is a member at each bar; without it everybody is. The panel is the
        whole: operators that carry state begin at its first bar.

        Raises:
            NotFoundError: when the panel lacks a field.
        """
        work = self._work(roots, panel, universe)
        for place in work.graph.roots:
            work.collected.setdefault(place, np.empty(panel.shape))
        self._run(work, None, report)
        work.leave()
        return [work.collected[place] for place in work.graph.roots]

    def stream(
        self,
        roots: Sequence[Node],
        panel: "Panel",
        universe: "BoolMatrix | None",
        sink: Sink,
        report: Report = silent,
    ) -> None:
        """Hand each formula's values to ``sink``, some rows at a time, in the order of time.

        Holds no more than some chunks a thread, and the windows between them. With more than one
        thread, calls of two formulas may come at the same time; those of one never do.

        Raises:
            NotFoundError: when the panel lacks a field.
        """
        work = self._work(roots, panel, universe)
        numbers: dict[int, list[int]] = {}
        for number, place in enumerate(work.graph.roots):
            numbers.setdefault(place, []).append(number)

        def take(place: int, row: int, values: "Matrix") -> None:
            for number in numbers.get(place, ()):
                sink(number, row, values)

        self._run(work, take, report)
        work.leave()

    def _work(
        self, roots: Sequence[Node], panel: "Panel", universe: "BoolMatrix | None"
    ) -> "_Work":
        assert universe is None or universe.shape == panel.shape
        graph = graph_of(roots)
        sources: dict[int, Matrix] = {}
        remembered = None
        if self._memory is not None:
            remembered = self._memory.bound_to(panel, universe)
            graph, sources = pruned(graph, remembered.find)
        for place, step in enumerate(graph.steps):
            if isinstance(step.node, Field):
                sources[place] = require_field(step.node.field, panel.fields, panel.dataset)
        outside = None if universe is None or universe.all() else ~universe
        work = _Work(graph, panel, sources, outside, remembered)
        if remembered is not None:
            for place, step in enumerate(graph.steps):
                if step.inputs and remembered.wants(step.node):
                    work.collected[place] = np.empty(panel.shape)
                    work.wanted.append(place)
        return work

    def _run(self, work: "_Work", take: Sink | None, report: Report) -> None:
        total, columns = work.panel.shape
        chunks = -(-total // self._rows(work))
        threads = max(1, min(self._threads, chunks))
        # As many chunks for each thread.
        chunks = -(-chunks // threads) * threads
        rows = -(-total // chunks) if chunks else 1
        also = frozenset(work.collected)
        machines = [
            Machine(work.graph, self._kernels, (rows, columns), total, also) for _ in range(threads)
        ]
        handovers: list[Handover | None] = [last := Handover()]
        for row in range(0, total, rows):
            last = last.after(min(rows, total - row), machines[0].steps)
            handovers.append(last)
        line = _Line(work, rows, take, handovers)
        with ThreadPoolExecutor(threads) as pool:
            others = [
                pool.submit(line.run, machine, (first, threads), silent)
                for first, machine in enumerate(machines)
                if first
            ]
            line.run(machines[0], (0, threads), report)
            for other in others:
                other.result()
        report(total, total, "values are computed")

    def _rows(self, work: "_Work") -> int:
        """Return the rows of a chunk."""
        rows, columns = work.panel.shape
        longest = max((own_bars(step.node) for step in work.graph.steps), default=0)
        wanted = max(1, self._cells // max(1, columns), WINDOWS_A_CHUNK * longest)
        return max(1, min(rows, wanted))


@dataclass(frozen=True, slots=True)
class _Work:
    """One evaluation: what is read, and the whole matrices that are written, by step."""

    graph: Graph
    panel: "Panel"
    sources: "dict[int, Matrix]"
    outside: "BoolMatrix | None"
    remembered: Remembered | None
    collected: "dict[int, Matrix]" = field(default_factory=dict)
    wanted: list[int] = field(default_factory=list)

    def chunk(self, row: int, stop: int) -> Chunk:
        """Cut the rows of what is read."""
        return Chunk(
            {place: values[row:stop] for place, values in self.sources.items()},
            self.panel.first_bar + row,
            stop - row,
            None if self.outside is None else self.outside[row:stop],
        )

    def take(self, place: int, stop: int, new: "Matrix") -> None:
        """Write values that end before row ``stop``, if the step is one that is collected."""
        if place in self.collected:
            self.collected[place][stop - len(new) : stop] = new

    def leave(self) -> None:
        """Leave in the store what it wants; copies of what the caller may write to."""
        for place in self.wanted:
            values = self.collected[place]
            is_root = place in self.graph.roots
            assert self.remembered is not None
            self.remembered.keep(self.graph.steps[place].node, values.copy() if is_root else values)


@dataclass(frozen=True, slots=True)
class _Line:
    """The chunks of one evaluation, some rows each, and between them what one leaves to the next.

    Threads take them in turn.
    """

    work: _Work
    rows: int
    sink: Sink | None
    handovers: "list[Handover | None]"

    def run(self, machine: Machine, turn: tuple[int, int], report: Report) -> None:
        """Compute every so many-th chunk, ``turn`` being the first one and the step.

        Returns early when another thread's chunk failed: that one raises.
        """
        total = self.work.panel.shape[0]
        first, step = turn
        for row in range(first * self.rows, total, step * self.rows):
            stop = min(row + self.rows, total)
            report(row, total, f"bar {row} of {total}")

            def take(place: int, values: "Matrix", row: int = row, stop: int = stop) -> None:
                self.work.take(place, stop, values)
                if self.sink is not None:
                    self.sink(place, row, values)

            number = row // self.rows
            past, here = self.handovers[number], self.handovers[number + 1]
            assert past is not None
            assert here is not None
            try:
                machine.advance(self.work.chunk(row, stop), take, past, here)
            except AbandonedError:
                return
            self.handovers[number] = None
