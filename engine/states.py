"""What operators carry from one chunk of bars to the next, so that chunks give the whole's bytes.

A chunk begins some bars before those that are new: as many as the windows need that lie between
the fields and an operator with state, or between such operators and the results. What an operator
with state answered at those bars is kept here too, since it cannot be computed again.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import InvalidInputError
from .graph import Graph

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel


@dataclass(slots=True)
class States:
    """The state of one set of formulas over one set of instruments; empty before the first bar.

    ``next_bar`` is the absolute index of the first bar that was not seen yet. ``rows`` and
    ``answers`` are by the place of an operator in the formulas' graph: its state, and its last
    answers up to ``next_bar``.
    """

    next_bar: int | None = None
    rows: "dict[int, Matrix]" = field(default_factory=dict)
    answers: "dict[int, Matrix]" = field(default_factory=dict)
    _first_bar: int = 0
    _belongs_to: Hashable = None

    def enter(self, graph: Graph, panel: "Panel") -> int:
        """Check that a chunk goes on where the last one ended; return how many rows are old.

        Raises:
            InvalidInputError: when formulas or instruments are others, when bars between are
                missing, or when the chunk begins too late for its windows.
        """
        steps = [(type(s.node), tuple(s.node.parameters().items()), s.inputs) for s in graph.steps]
        belongs_to = (tuple(steps), graph.roots, panel.symbols)
        if self.next_bar is None:
            self.next_bar = self._first_bar = panel.first_bar
            self._belongs_to = belongs_to
        if self._belongs_to != belongs_to:
            raise InvalidInputError(
                "the state is that of other formulas or instruments",
                help="keep one `States` for each set of formulas and instruments",
            )
        latest = max(self._first_bar, self.next_bar - look_back(graph))
        stop = panel.first_bar + panel.shape[0]
        if not self._first_bar <= panel.first_bar <= latest or stop < self.next_bar:
            raise InvalidInputError(
                f"the chunk holds the bars {panel.first_bar} up to {stop}, and the state goes on "
                f"at bar {self.next_bar}",
                help=f"begin the chunk at a bar from {self._first_bar} to {latest}",
            )
        return self.next_bar - panel.first_bar

    def leave(
        self, panel: "Panel", rows: "dict[int, Matrix]", answers: "dict[int, Matrix]"
    ) -> None:
        """Take what a chunk that is done leaves behind."""
        self.rows, self.answers = rows, answers
        self.next_bar = panel.first_bar + panel.shape[0]


def look_back(graph: Graph) -> int:
    """Count the bars before its first new one that a chunk must hold."""
    reach: list[int] = []
    deepest = 0
    for step in graph.steps:
        before = max((reach[place] for place in step.inputs), default=0)
        if step.node.carries_state:
            deepest = max(deepest, before)
            reach.append(0)
        else:
            reach.append(before + step.node.warmup_bars())
    return max([deepest, *(reach[place] for place in graph.roots)])


def kept_bars(graph: Graph) -> list[int]:
    """Count, for each step, the earlier answers that windows of a later chunk read of it."""
    kept = [0] * len(graph.steps)
    for place in range(len(graph.steps) - 1, -1, -1):
        node = graph.steps[place].node
        if not node.carries_state:
            for source in graph.steps[place].inputs:
                kept[source] = max(kept[source], kept[place] + node.warmup_bars())
    return kept


def last_rows(values: "Matrix", count: int) -> "Matrix":
    """Copy the last rows, as many as there are."""
    return np.array(values[max(0, len(values) - count) :])
