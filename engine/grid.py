"""The rebalance grid: anchored to UTC, so that no window moves it."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Panel

# Perpetuals trade around the clock, so a year is 365 days.
YEAR_SECONDS = 365 * 86_400
DAY_SECONDS = 86_400


def is_decision_row(
    times: NDArray[np.int64], *, bar_seconds: int, rebalance_bars: int
) -> NDArray[np.bool_]:
    """Tell the bars at whose END a new target is decided: ends that the UTC epoch's grid meets."""
    ends = times + bar_seconds
    mask: NDArray[np.bool_] = ends % (rebalance_bars * bar_seconds) == 0
    return mask


def decision_rows(
    panel: "Panel", *, rebalance_bars: int, delay_bars: int, start_row: int
) -> NDArray[np.int64]:
    """List the decision bars that are traded at or after ``start_row`` and inside the panel."""
    mask = is_decision_row(
        panel.times, bar_seconds=panel.bar_seconds, rebalance_bars=rebalance_bars
    )
    rows = np.flatnonzero(mask).astype(np.int64)
    traded = rows + delay_bars
    kept: NDArray[np.int64] = rows[(traded >= start_row) & (traded < len(panel.times))]
    return kept


def bars_per_year(bar_seconds: int) -> float:
    """Count the bars of a year."""
    return YEAR_SECONDS / bar_seconds


def instant_text(seconds: int) -> str:
    """Write an instant of epoch seconds as UTC, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def day_before(instant: str) -> str:
    """Return the last day, UTC, that lies before an instant as ``instant_text`` writes it."""
    end = datetime.strptime(instant, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return (end - timedelta(seconds=1)).date().isoformat()
