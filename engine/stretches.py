"""A book from one change of its units to the next: what each name gained and paid in between.

A stretch begins with the bar at whose open units change; the first begins with the window. Gains of
that bar hold the gap from the close before, which what was held before the trades made.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .book import places as at

if TYPE_CHECKING:
    from ..core.panel import Matrix
    from .simulate import Simulation

COSTS = (at.EVENT_FEES, at.EVENT_SLIPPAGE, at.EVENT_IMPACT)


@dataclass(frozen=True, slots=True)
class Stretches:
    """``[stretch, instrument]``: units held, gain from prices, what was paid; money but for units.

    ``costs`` are fees, slippage without impact, and impact.
    """

    rows: NDArray[np.int64]
    units: "Matrix"
    prices: "Matrix"
    funding: "Matrix"
    costs: "tuple[Matrix, Matrix, Matrix]"

    @property
    def net(self) -> "Matrix":
        """Return gains after all that was paid."""
        fees, slippage, impact = self.costs
        return self.prices - self.funding - fees - slippage - impact


def stretches_of(simulation: "Simulation") -> Stretches:
    """Add a book up by its stretches."""
    units, ledger = simulation.units, simulation.spread.ledger
    is_new = np.ones(len(units), dtype=bool)
    is_new[1:] = (units[1:] != units[:-1]).any(axis=1)
    rows = np.flatnonzero(is_new)
    fees, slippage, impact = (ledger.booked(which, rows) for which in COSTS)
    return Stretches(
        rows=rows,
        units=units[rows],
        prices=np.add.reduceat(simulation.price_pnl, rows, axis=0),
        funding=np.add.reduceat(simulation.funding_by_name, rows, axis=0),
        costs=(fees, slippage, impact),
    )
