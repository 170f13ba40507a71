"""What one simulation reads and writes, and the matrices it is spread into when somebody asks."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .book import places as at
from .loops import SPREAD

if TYPE_CHECKING:
    from ..core.panel import Matrix
    from .kernels import Kernels

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The loop's arrays; their places are named in ``book/places``.

    A book changes at events alone: rebalances, ends of listings, liquidations. ``places`` are, by
    event, the row it is booked in and the row from which its units are held.
    """

    market: "tuple[Matrix, ...]"
    names: "Matrix"
    rows: Integers
    start: int
    series: "Matrix"
    events: "tuple[Matrix, ...]"
    places: Integers
    counts: Integers

    @classmethod
    def opened(
        cls, market: "tuple[Matrix, ...]", names: "Matrix", rows: Integers, start: int
    ) -> "Ledger":
        """Make room for a simulation: the first event, of nothing held, is there."""
        bars = market[0].shape[0] - start
        # One liquidation beside them, and the event of nothing held.
        count = int(np.count_nonzero((rows[0] >= 0) | (rows[1] > 0))) + 2
        # What stands in a row is cleared as its event begins: fresh pages cost more than a bar.
        events = tuple(np.empty((count, market[0].shape[1])) for _ in range(at.EVENTS))
        return cls(
            market,
            names,
            rows,
            start,
            np.zeros((at.SERIES, bars)),
            events,
            np.zeros((2, count), np.int64),
            np.zeros(at.COUNTS, np.int64),
        )

    def ended(self) -> list[int]:
        """Return the columns of positions that were closed because their listing ended."""
        units, events = self.events[at.UNITS], int(self.counts[at.LAST]) + 1
        found = set()
        booked = self.places[0, 1:events] + self.start
        for event in np.flatnonzero(self.rows[1, booked] > 0) + 1:
            is_gone = self.rows[2, : units.shape[1]] <= booked[event - 1]
            found.update(np.flatnonzero(is_gone & (units[event - 1] != 0)).tolist())
        return sorted(found)

    def booked(self, which: int, starts: "Integers | None" = None) -> "Matrix":
        """Lay what events booked on the bars they are of, ``[bar, instrument]``.

        With ``starts``, rows that rise from 0, on the stretches of bars that begin there.
        """
        count = int(self.counts[at.LAST]) + 1
        rows = self.places[0, :count]
        length = self.series.shape[1] if starts is None else len(starts)
        if starts is not None:
            rows = np.searchsorted(starts, rows, side="right") - 1
        out = np.zeros((length, self.events[0].shape[1]))
        np.add.at(out, rows, self.events[which][:count])
        return out


@dataclass(slots=True)
class Spread:
    """A book's matrices, ``[bar, instrument]``, made when first asked for; money, but for weights.

    Units are held through a bar, after the trades at its open; weights are of the close.
    """

    ledger: Ledger
    kernels: "Kernels | None"
    _matrices: "dict[str, Matrix]" = field(default_factory=dict)

    @property
    def units(self) -> "Matrix":
        """Return units held."""
        return self._spread("units")

    @property
    def weights(self) -> "Matrix":
        """Return notional over equity."""
        return self._spread("weights")

    @property
    def funding(self) -> "Matrix":
        """Return funding paid."""
        return self._spread("funding")

    @property
    def gains(self) -> "Matrix":
        """Return gains from prices."""
        return self._spread("gains")

    @property
    def traded(self) -> "Matrix":
        """Return absolute notional traded."""
        return self._booked("traded", at.SIZES)

    @property
    def fees(self) -> "Matrix":
        """Return fees paid."""
        return self._booked("fees", at.EVENT_FEES)

    @property
    def slippage(self) -> "Matrix":
        """Return fixed slippage and spread paid."""
        return self._booked("slippage", at.EVENT_SLIPPAGE)

    @property
    def impact(self) -> "Matrix":
        """Return impact paid."""
        return self._booked("impact", at.EVENT_IMPACT)

    def _booked(self, name: str, which: int) -> "Matrix":
        if name not in self._matrices:
            self._matrices[name] = self.ledger.booked(which)
        return self._matrices[name]

    def _spread(self, name: str) -> "Matrix":
        if name not in self._matrices:
            ledger = self.ledger
            shape = (ledger.series.shape[1], ledger.events[0].shape[1])
            made = {key: np.zeros(shape) for key in ("units", "weights", "funding", "gains")}
            loop = SPREAD.function if self.kernels is None else self.kernels.loop(SPREAD)
            loop(
                ledger.market,
                ledger.names,
                ledger.rows,
                ledger.start,
                ledger.series,
                ledger.events,
                ledger.places,
                ledger.counts,
                *made.values(),
            )
            self._matrices.update(made)
        return self._matrices[name]
