"""Formulas that go on with the bars: a new bar costs its windows, not the past.

Values are those of the whole panel, to the byte: both ways run the same machine. A process that
starts anew feeds the bars there are, and goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import InvalidInputError
from ..core.progress import Report, silent
from ..dsl.nodes import BARS_MAX, Field, Node
from .evaluate import CELLS, Evaluator
from .graph import graph_of
from .handover import Handover
from .machine import Chunk, Machine, require_field

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from .evaluate import BoolMatrix
    from .kernels import Kernels


class Live:
    """Some formulas over some instruments, up to ``next_bar``; it is None before the first bar."""

    def __init__(self, roots: Sequence[Node], symbols: tuple[str, ...], kernels: "Kernels") -> None:
        """Begin before the first bar."""
        self.next_bar: int | None = None
        self._symbols = symbols
        self._graph = graph_of(roots)
        self._rows = max(1, CELLS // max(1, len(symbols)))
        self._machine = Machine(self._graph, kernels, (self._rows, len(symbols)), BARS_MAX)
        self._past = Handover()

    def advance(self, panel: "Panel", universe: "BoolMatrix | None" = None) -> "list[Matrix]":
        """Return each formula's values at the new bars, ``[time, instrument]``.

        ``panel`` holds the new bars alone, ``universe`` who is a member at each of them.

        Raises:
            InvalidInputError: when the instruments are others, or the bars do not go on.
            NotFoundError: when the panel lacks a field; nothing has moved then.
        """
        assert universe is None or universe.shape == panel.shape
        if panel.symbols != self._symbols:
            raise InvalidInputError(
                "the bars are those of other instruments",
                help="keep one `Live` for each set of formulas and instruments",
            )
        if self.next_bar is not None and panel.first_bar != self.next_bar:
            raise InvalidInputError(
                f"the bars begin at {panel.first_bar}, and the values go on at bar {self.next_bar}",
                help="give each bar once, in order",
            )
        sources = {
            place: require_field(step.node.field, panel.fields, panel.dataset)
            for place, step in enumerate(self._graph.steps)
            if isinstance(step.node, Field)
        }
        found = {place: np.empty(panel.shape) for place in set(self._graph.roots)}
        for row in range(0, panel.shape[0], self._rows):
            stop = min(row + self._rows, panel.shape[0])
            chunk = Chunk(
                {place: values[row:stop] for place, values in sources.items()},
                panel.first_bar + row,
                stop - row,
                None if universe is None else ~universe[row:stop],
            )

            def keep(place: int, values: "Matrix", row: int = row, stop: int = stop) -> None:
                found[place][row:stop] = values

            here = self._past.after(stop - row, self._machine.steps)
            self._machine.advance(chunk, keep, self._past, here)
            self._past = here
        self.next_bar = panel.first_bar + panel.shape[0]
        return [found[place] for place in self._graph.roots]


@dataclass(slots=True)
class _Followed:
    """One set of formulas under one universe: the bars seen, and the values found there."""

    first_bar: int
    live: Live
    universe: "BoolMatrix"
    values: "list[Matrix]" = field(default_factory=list)

    def agrees(self, panel: "Panel", universe: "BoolMatrix") -> bool:
        """Tell whether a panel under a universe is these bars, cut short or gone on."""
        rows = min(len(self.universe), len(universe))
        return self.first_bar == panel.first_bar and bool(
            (self.universe[:rows] == universe[:rows]).all()
        )


class Following(Evaluator):
    """An evaluator for one data set whose panels grow: what was computed is not computed again.

    A panel handed to it holds the bars of the one before, with the same values, and may go on.
    """

    def __init__(self, kernels: "Kernels") -> None:
        """Know nothing yet."""
        super().__init__(kernels)
        self._followed: dict[tuple[tuple[int, ...], tuple[str, ...]], list[_Followed]] = {}
        # Nodes are known by identity, so they must not go away.
        self._nodes: list[Node] = []

    def evaluate(
        self,
        roots: Sequence[Node],
        panel: "Panel",
        universe: "BoolMatrix | None" = None,
        report: Report = silent,
    ) -> "list[Matrix]":
        """Return each formula's values, as ``Evaluator.evaluate`` does; do not write to them."""
        members = np.ones(panel.shape, np.bool_) if universe is None else universe
        key = (tuple(map(id, roots)), panel.symbols)
        if key not in self._followed:
            self._nodes.extend(roots)
        known = self._followed.setdefault(key, [])
        one = next((item for item in known if item.agrees(panel, members)), None)
        if one is None:
            one = _Followed(
                panel.first_bar,
                Live(roots, panel.symbols, self._kernels),
                np.empty((0, panel.shape[1]), np.bool_),
                [np.empty((0, panel.shape[1])) for _ in roots],
            )
            known.append(one)
        rows, seen = panel.shape[0], len(one.universe)
        if rows > seen:
            new = one.live.advance(panel.rows(seen, rows), members[seen:])
            one.values = [np.concatenate(pair) for pair in zip(one.values, new, strict=True)]
            one.universe = members.copy()
        report(rows, rows, "values are computed")
        return [values[:rows] for values in one.values]
