"""What portfolio rules look at beside the signal: past returns and groups, at decision rows.

A return is close over the close of the bar before, less 1. One that lacks a positive close at
either end is missing, and so is a window that it stands in: no volatility comes of part of one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .grid import bars_per_year

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from ..dsl.strategy import Portfolio
    from .evaluate import BoolMatrix, Evaluator


@dataclass(frozen=True, slots=True)
class Trail:
    """Returns of all rows of a panel, and the groups at each decision."""

    rows: NDArray[np.int64]
    returns: "Matrix"
    groups: "Matrix | None"
    year_bars: float

    def sample(self, place: int, bars: int) -> "Matrix":
        """Return the last returns known at a decision, its own bar's the last of them.

        Missing in full where the panel does not reach back so far.
        """
        stop = int(self.rows[place]) + 1
        if stop < bars:
            return np.full((bars, self.returns.shape[1]), np.nan)
        return self.returns[stop - bars : stop]


def trail_of(
    portfolio: "Portfolio",
    panel: "Panel",
    rows: NDArray[np.int64],
    mask: "BoolMatrix",
    evaluator: "Evaluator",
) -> Trail | None:
    """Gather what a portfolio's rules need; nothing when they look at the signal alone."""
    if not portfolio.look_back_bars and portfolio.groups is None:
        return None
    close = panel.fields["close"]
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.where(np.isfinite(close) & (close > 0), close, np.nan)
        returns = np.full(close.shape, np.nan)
        returns[1:] = known[1:] / known[:-1] - 1.0
    groups = None
    if portfolio.groups is not None:
        groups = evaluator.evaluate([portfolio.groups], panel, mask)[0][rows]
    return Trail(rows, returns, groups, bars_per_year(panel.bar_seconds))
