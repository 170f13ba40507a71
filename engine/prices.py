"""What the simulator needs of a panel: prices to trade at, to mark at, and funding."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel

# Fields the simulator cannot do without, and those it uses where they are.
FIELDS_NEEDED = ("open", "close")
FIELDS_USED = ("mark_open", "funding_rate")


@dataclass(frozen=True, slots=True)
class Prices:
    """Rows of the simulated window; cells before a listing are 0, where nothing can be held."""

    trade: "Matrix"  # open; NaN where no order can be done
    at_open: "Matrix"  # open, or the last known close where the bar is missing
    at_close: "Matrix"  # close, or the last known one
    at_funding: "Matrix"  # mark price at the open, or ``at_open`` where there is no mark
    funding_rate: "Matrix"  # fraction settled at the open, 0 where nothing settles
    gone_row: NDArray[np.int64]  # first row after an instrument's last bar; the count of rows: none
    dropped: int  # prices that were not positive, taken as missing


def prices_of(panel: "Panel", *, start_row: int, has_funding: bool) -> Prices:
    """Prepare the rows from ``start_row`` on; a price that is not positive counts as missing."""
    opens, dropped_opens = _positive(panel.fields["open"])
    closes, dropped_closes = _positive(panel.fields["close"])
    # Half a bar is no bar: one cannot both trade in it and mark it.
    has_bar = np.isfinite(opens) & np.isfinite(closes)
    opens, closes = np.where(has_bar, opens, np.nan), np.where(has_bar, closes, np.nan)
    last = forward_filled(closes)
    before = np.vstack([np.full((1, opens.shape[1]), np.nan), last[:-1]])
    at_open = np.where(np.isfinite(opens), opens, before)
    at_funding = at_open
    if "mark_open" in panel.fields:
        marks, _ = _positive(panel.fields["mark_open"])
        at_funding = np.where(np.isfinite(marks), marks, at_open)
    rate = np.zeros(opens.shape)
    if has_funding and "funding_rate" in panel.fields:
        rate = np.nan_to_num(panel.fields["funding_rate"], nan=0.0, posinf=0.0, neginf=0.0)
    return Prices(
        trade=opens[start_row:],
        at_open=np.nan_to_num(at_open[start_row:]),
        at_close=np.nan_to_num(last[start_row:]),
        at_funding=np.nan_to_num(at_funding[start_row:]),
        funding_rate=rate[start_row:],
        gone_row=_gone_row(has_bar) - start_row,
        dropped=dropped_opens + dropped_closes,
    )


def _positive(values: "Matrix") -> tuple["Matrix", int]:
    with np.errstate(invalid="ignore"):
        is_good = np.isfinite(values) & (values > 0)
    dropped = int(np.count_nonzero(~is_good & ~np.isnan(values)))
    return np.where(is_good, values, np.nan), dropped


def forward_filled(values: "Matrix") -> "Matrix":
    """Carry each column's last finite value forward; NaN before its first."""
    rows = np.arange(values.shape[0])[:, None]
    last_row = np.maximum.accumulate(np.where(np.isfinite(values), rows, -1), axis=0)
    filled = np.take_along_axis(values, np.maximum(last_row, 0), axis=0)
    return np.where(last_row >= 0, filled, np.nan)


def _gone_row(has_bar: NDArray[np.bool_]) -> NDArray[np.int64]:
    rows = has_bar.shape[0]
    from_end = np.argmax(has_bar[::-1], axis=0)
    gone: NDArray[np.int64] = np.where(has_bar.any(axis=0), rows - from_end, rows)
    return gone
