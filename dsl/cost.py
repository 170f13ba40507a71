"""What a formula costs before it is run (SAFETY D4): steps a cell, from operators and windows.

A unit is about a nanosecond of a kernel on a processor of 2024; ``benchmarks/cost_estimate.py``
holds the prediction against the clock. A node that several formulas share is computed, and
counted, once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

from .nodes import Axis, Constant, Field, Node
from .shape import inputs_of
from .work import Work

UNITS_PER_SECOND = 1_000_000_000
# What each node costs besides its kernel: its matrix is made, masked, and read again.
MATRIX_UNITS = 0.3
# Memory that is touched for the first time, a matrix that waits at the fullest moment.
FRESH_UNITS = 0.4
CELL_UNITS = 0.2
RUNNING_UNITS = 2.0
# A search in the window costs by its logarithm, the values moved by its length.
SEARCH_UNITS = 2.0
MOVE_UNITS = 0.14
BASE_UNITS = 3.2
SCAN_UNITS = 0.045
WINDOW_UNITS = 0.25
ACROSS_UNITS = 1.8
_BY_AXIS = {Axis.ELEMENT: Work.CELL, Axis.TIME: Work.RUNNING, Axis.CROSS: Work.ACROSS}


@dataclass(frozen=True, slots=True)
class Cost:
    """Units of work for one bar of one instrument.

    ``across`` is what grows with the logarithm of the count of instruments. ``live`` is the most
    matrices that wait for a consumer at once.
    """

    units: float = 0.0
    across: float = 0.0
    live: int = 0

    def units_for(self, columns: int) -> float:
        """Return the units a cell of a panel of so many instruments."""
        return self.units + self.across * log2(max(2, columns))

    def total(self, rows: int, columns: int) -> int:
        """Return the units of a panel."""
        return round(self.units_for(columns) * rows * columns)


NO_COST = Cost()


def cost_of(nodes: Iterable[Node], roots: Iterable[Node]) -> Cost:
    """Sum the cost of nodes, each once; ``nodes`` come inputs before consumers."""
    units = across = 0.0
    ordered = tuple(nodes)
    for node in ordered:
        more, over = (0.0, 0.0) if isinstance(node, (Field, Constant)) else _of(node)
        units += MATRIX_UNITS + more
        across += over
    live = _live(ordered, roots)
    return Cost(units + FRESH_UNITS * live, across, live)


def _of(node: Node) -> tuple[float, float]:
    """Return the units a cell of one node, and those that grow with the instruments."""
    cls = type(node)
    work = cls.work or _BY_AXIS[cls.axis]
    inputs = max(1, len(inputs_of(node)))
    if work is Work.ACROSS:
        return CELL_UNITS * inputs, ACROSS_UNITS
    if work is Work.CELL:
        return CELL_UNITS * inputs, 0.0
    if work is Work.RUNNING:
        return RUNNING_UNITS * inputs, 0.0
    bars = max(2, node.warmup_bars() + 1)
    if work is Work.SORTED:
        return SEARCH_UNITS * log2(bars) + MOVE_UNITS * bars, 0.0
    a_bar = SCAN_UNITS if work is Work.SCAN else WINDOW_UNITS
    return BASE_UNITS + a_bar * bars * inputs, 0.0


def _live(nodes: tuple[Node, ...], roots: Iterable[Node]) -> int:
    """Count the most matrices that wait at once, when each goes after its last consumer."""
    waiting = dict.fromkeys(map(id, roots), 1)
    for node in nodes:
        for item in inputs_of(node):
            waiting[id(item)] = waiting.get(id(item), 0) + 1
    now = most = 0
    for node in nodes:
        now += 1
        most = max(most, now)
        for item in inputs_of(node):
            waiting[id(item)] -= 1
            now -= waiting[id(item)] == 0
    return most
