"""What happened on the market while the book was held, read from the panel anew.

The simulator has its own reading of the same panel; this one shares no line with it, so that a
fault in either shows as a difference.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ...core.panel import Matrix, Panel


@dataclass(frozen=True, slots=True)
class Prices:
    """What a position is worth: at a bar's open and at its close, the last close where no bar is.

    Cells before an instrument's first bar are 0: nothing can be held there.
    """

    at_open: "Matrix"
    at_close: "Matrix"

    def gain(self, units: "Matrix") -> NDArray[np.float64]:
        """Return what units held through each bar gain on the way to it and inside it."""
        close_before, units_before = before(self.at_close), before(units)
        moved = units_before * (self.at_open - close_before)
        total: NDArray[np.float64] = (moved + units * (self.at_close - self.at_open)).sum(axis=1)
        return total


@dataclass(frozen=True, slots=True)
class Market:
    """The traded bars; ``open`` is NaN where no order can be done.

    ``gone`` is the first row without any further bar of a name, the count of rows where there is
    none; ``mark`` is what funding is settled on, ``rate`` the fraction that settles at the open.
    """

    times: NDArray[np.int64]
    bar_seconds: int
    symbols: tuple[str, ...]
    open: "Matrix"
    close: "Matrix"
    prices: Prices
    mark: "Matrix"
    rate: "Matrix"
    gone: NDArray[np.int64]


def market_of(panel: "Panel", columns: NDArray[np.int64], *, has_funding: bool) -> Market:
    """Read the bars of some instruments; half a bar, or a price that is not positive, is none."""
    fields = {name: values[:, columns] for name, values in panel.fields.items()}
    opens, closes = fields["open"], fields["close"]
    with np.errstate(invalid="ignore"):
        has_bar = (opens > 0) & (closes > 0) & np.isfinite(opens) & np.isfinite(closes)
        marks = fields.get("mark_open", np.full(opens.shape, np.nan))
        has_mark = (marks > 0) & np.isfinite(marks)
    opens, closes = np.where(has_bar, opens, np.nan), np.where(has_bar, closes, np.nan)
    prices = carried(opens, closes)
    rate = fields.get("funding_rate", np.zeros(opens.shape)) if has_funding else np.zeros(1)
    return Market(
        times=panel.times,
        bar_seconds=panel.bar_seconds,
        symbols=tuple(panel.symbols[column] for column in columns),
        open=opens,
        close=closes,
        prices=prices,
        mark=np.where(has_mark, marks, prices.at_open),
        rate=np.broadcast_to(np.where(np.isfinite(rate), rate, 0.0), opens.shape),
        gone=np.array([_gone(column) for column in has_bar.T], dtype=np.int64),
    )


def carried(opens: "Matrix", closes: "Matrix") -> Prices:
    """Value positions where a bar is missing at the last close before it."""
    at_open, at_close = np.zeros(opens.shape), np.zeros(closes.shape)
    last = np.zeros(opens.shape[1])
    for row in range(opens.shape[0]):
        has_bar = np.isfinite(opens[row])
        at_open[row] = np.where(has_bar, opens[row], last)
        last = np.where(has_bar, closes[row], last)
        at_close[row] = last
    return Prices(at_open, at_close)


def before(values: "Matrix") -> "Matrix":
    """Move rows down by one; nothing stands before the first."""
    moved = np.zeros_like(values)
    moved[1:] = values[:-1]
    return moved


def _gone(has_bar: NDArray[np.bool_]) -> int:
    rows = np.flatnonzero(has_bar)
    return int(rows[-1]) + 1 if len(rows) else len(has_bar)
