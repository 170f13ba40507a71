"""What portfolio rules look at beside the signal: past returns, groups, a benchmark.

A return is close over the close of the bar before, less 1. One that lacks a positive close at
either end is missing, and so is a window that it stands in: no volatility comes of part of one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..dsl.strategy import UNIVERSE
from .benchmark import column_of
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
    neutral: "Matrix | None" = None
    benchmark: NDArray[np.float64] | None = None

    def sample(self, place: int, bars: int) -> "Matrix":
        """Return the last returns known at a decision, its own bar's the last of them.

        Missing in full where the panel does not reach back so far.
        """
        stop = int(self.rows[place]) + 1
        if stop < bars:
            return np.full((bars, self.returns.shape[1]), np.nan)
        return self.returns[stop - bars : stop]

    def benchmark_sample(self, place: int, bars: int) -> NDArray[np.float64]:
        """Return the benchmark's last returns known at a decision, as ``sample`` does."""
        stop = int(self.rows[place]) + 1
        if self.benchmark is None or stop < bars:
            return np.full(bars, np.nan)
        return self.benchmark[stop - bars : stop]

    def known_and_varying(self, bars: int) -> tuple["BoolMatrix", "BoolMatrix"]:
        """Tell, at each decision, whose last returns are all there, and are not all the same."""
        stop = self.rows + 1
        start = np.maximum(stop - bars, 0)
        low, high = (int(start.min()), int(stop.max())) if len(stop) else (0, 0)
        returns = self.returns[low:high]
        reaches = (stop >= bars)[:, None]
        first, last = start - low, stop - low
        known = _counted(np.isfinite(returns))
        changes = np.zeros(returns.shape, dtype=np.bool_)
        changes[1:] = returns[1:] != returns[:-1]
        moves = _counted(changes)
        is_known = reaches & (known[last] - known[first] == bars)
        varies = reaches & (moves[last] > moves[np.minimum(first + 1, last)])
        return is_known, varies


def _counted(marks: "BoolMatrix") -> NDArray[np.int32]:
    """Count the marks of each column in the rows before each row, and in all."""
    out = np.zeros((len(marks) + 1, marks.shape[1]), dtype=np.int32)
    np.cumsum(marks, axis=0, dtype=np.int32, out=out[1:])
    return out


def trail_of(  # noqa: PLR0913  # All that a portfolio may look at.
    portfolio: "Portfolio",
    panel: "Panel",
    rows: NDArray[np.int64],
    mask: "BoolMatrix",
    *,
    evaluator: "Evaluator",
    benchmark: str = "",
) -> Trail | None:
    """Gather what a portfolio's rules need; nothing when they look at the signal alone.

    Raises:
        InvalidInputError: when the panel lacks the benchmark of a beta.
    """
    wanted = [node for node in (portfolio.groups, portfolio.neutral) if node is not None]
    if not portfolio.look_back_bars and not wanted:
        return None
    close = panel.fields["close"]
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.where(np.isfinite(close) & (close > 0), close, np.nan)
        # By name, as samples are taken: each name's window is one piece of memory.
        returns = np.full(close.shape, np.nan, order="F")
        returns[1:] = known[1:] / known[:-1] - 1.0
    found = (
        {
            id(node): values[rows]
            for node, values in zip(wanted, evaluator.evaluate(wanted, panel, mask), strict=True)
        }
        if wanted
        else {}
    )
    return Trail(
        rows,
        returns,
        groups=found.get(id(portfolio.groups)),
        year_bars=bars_per_year(panel.bar_seconds),
        neutral=found.get(id(portfolio.neutral)),
        benchmark=_benchmark(benchmark, panel, mask, returns) if portfolio.beta_bars else None,
    )


def _benchmark(
    benchmark: str, panel: "Panel", mask: "BoolMatrix", returns: "Matrix"
) -> NDArray[np.float64]:
    """Return what betas are measured against: an instrument's returns, or the universe's mean.

    The mean is of those who were members at the bar before and have a return.
    """
    if benchmark != UNIVERSE:
        return returns[:, column_of(benchmark, panel)]
    counts = np.zeros(returns.shape, dtype=np.bool_)
    counts[1:] = mask[:-1] & np.isfinite(returns[1:])
    total = np.where(counts, returns, 0.0).sum(axis=1)
    many = counts.sum(axis=1)
    return np.where(many > 0, total / np.maximum(many, 1), np.nan)
