"""What the event-driven engine's books said, bar by bar, as its process writes it down."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ...core.panel import Matrix


@dataclass(frozen=True, slots=True)
class Record:
    """Money in units of the capital's currency, quantities in units of the instrument.

    ``balance`` and ``unrealized`` are the engine's own at each close; ``funding`` is what the
    trader booked beside it, on the engine's positions. ``units`` are the engine's positions at the
    close. Fills stand in their order: row, column, signed units, price, fee.
    """

    engine: str
    balance: NDArray[np.float64]
    unrealized: NDArray[np.float64]
    funding: "Matrix"
    units: "Matrix"
    fill_row: NDArray[np.int64]
    fill_column: NDArray[np.int64]
    fill_units: NDArray[np.float64]
    fill_price: NDArray[np.float64]
    fill_fee: NDArray[np.float64]
