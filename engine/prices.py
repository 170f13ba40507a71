"""What the simulator reads of a panel: prices to trade and mark at, funding, volumes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core.panel import Matrix, Panel
    from ..dsl.strategy import Account, Costs

Bools = NDArray[np.bool_]
# Fields the simulator cannot do without.
FIELDS_NEEDED = ("open", "close")
# What the loop is handed, in its order.
MARKET = (*FIELDS_NEEDED, "mark_open", "mark_close", "funding_rate", "quote_volume")


def fields_used(costs: "Costs", account: "Account") -> set[str]:
    """Return the fields that a book of these terms uses where the data set has them."""
    asked = {
        "mark_open": costs.has_funding or account.maintenance > 0,
        "mark_close": account.maintenance > 0,
        "funding_rate": costs.has_funding,
        "quote_volume": costs.impact > 0,
        "lot_size": account.has_lots,
    }
    return {name for name, is_asked in asked.items() if is_asked}


def market_of(panel: "Panel", costs: "Costs", account: "Account") -> "tuple[Matrix, ...]":
    """Return opens, closes, marks at both, funding rates and quote volumes of the whole panel.

    What is not there, or not asked for, is a matrix without rows.
    """
    used = {*FIELDS_NEEDED, *fields_used(costs, account)} & panel.fields.keys()
    nothing = np.empty((0, panel.shape[1]))
    return tuple(
        np.ascontiguousarray(panel.fields[name], np.float64) if name in used else nothing
        for name in MARKET
    )


def last_rows(values: "Matrix") -> NDArray[np.int64]:
    """Return each column's last row with a finite value, -1 where there is none."""
    return _last(
        len(values), np.isfinite(values[-1]), lambda column: np.isfinite(values[:, column])
    )


def last_bars(opens: "Matrix", closes: "Matrix") -> NDArray[np.int64]:
    """Return each column's last row that has both prices, -1 where there is none."""

    def has_bar(first: "Matrix", last: "Matrix") -> "Bools":
        with np.errstate(invalid="ignore"):
            found: Bools = (first > 0) & (last > 0) & (first < np.inf) & (last < np.inf)
        return found

    is_there = has_bar(opens[-1], closes[-1])
    return _last(len(opens), is_there, lambda at: has_bar(opens[:, at], closes[:, at]))


def _last(rows: int, is_there: "Bools", column_of: "Callable[[int], Bools]") -> NDArray[np.int64]:
    """Search the columns that do not end with the last row: few do not."""
    last = np.full(len(is_there), rows - 1, np.int64)
    for column in np.flatnonzero(~is_there):
        known = np.flatnonzero(column_of(int(column)))
        last[column] = known[-1] if len(known) else -1
    return last


def forward_filled(values: "Matrix") -> "Matrix":
    """Carry each column's last finite value forward; NaN before its first."""
    rows = np.arange(values.shape[0])[:, None]
    last_row = np.maximum.accumulate(np.where(np.isfinite(values), rows, -1), axis=0)
    filled = np.take_along_axis(values, np.maximum(last_row, 0), axis=0)
    return np.where(last_row >= 0, filled, np.nan)
