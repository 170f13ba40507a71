"""Information coefficients: what a signal knew about the returns that followed it.

The outcome of a decision at bar d is the return from the open of d + delay, where it is traded,
to the open of one rebalance later. Lag k looks at the same span k rebalances later.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel

Series = NDArray[np.float64]
# Two points always correlate perfectly; three are the least that say anything.
NAMES_MIN = 3
LAGS = 10
QUANTILES = 5


@dataclass(frozen=True, slots=True)
class Information:
    """Per decision: Pearson and rank IC (NaN without an outcome); per lag and quantile: means."""

    times: NDArray[np.int64]
    ic: Series
    rank_ic: Series
    lag_rank_ic: Series
    lag_rank_ic_se: Series
    quantile_returns: Series  # mean outcome of the lowest to the highest fifth of the signal


def information(
    signal: "Matrix",
    panel: "Panel",
    rows: NDArray[np.int64],
    *,
    delay_bars: int,
    horizon_bars: int,
) -> Information:
    """Measure the signal (NaN outside the universe) on its decision rows."""
    values, opens = signal[rows], panel.fields["open"]
    ranks = row_ranks(values)
    means, errors = np.full(LAGS, np.nan), np.full(LAGS, np.nan)
    outcome = outcomes(opens, rows + delay_bars, horizon_bars)
    rank_ic = rank_correlations(values, outcome)
    for lag in range(LAGS):
        later = outcomes(opens, rows + delay_bars + lag * horizon_bars, horizon_bars)
        by_row = rank_correlations(values, later) if lag else rank_ic
        known = by_row[np.isfinite(by_row)]
        if len(known) > 1:
            means[lag] = known.mean()
            errors[lag] = known.std(ddof=1) / np.sqrt(len(known))
    return Information(
        times=panel.times[rows],
        ic=row_correlations(values, outcome),
        rank_ic=rank_ic,
        lag_rank_ic=means,
        lag_rank_ic_se=errors,
        quantile_returns=_quantile_returns(ranks, outcome),
    )


def outcomes(opens: "Matrix", entry: NDArray[np.int64], horizon_bars: int) -> "Matrix":
    """Return open-to-open returns over the horizon; NaN where either open is missing."""
    out = np.full((len(entry), opens.shape[1]), np.nan)
    is_inside = entry + horizon_bars < opens.shape[0]
    first = entry[is_inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = opens[first + horizon_bars] / opens[first] - 1.0
    out[is_inside] = np.where(np.isfinite(found), found, np.nan)
    return out


def row_ranks(values: "Matrix") -> "Matrix":
    """Rank each row's finite values from 1, ties by their average; NaN stays NaN."""
    is_known = np.isfinite(values)
    order = np.argsort(np.where(is_known, values, np.inf), axis=1, kind="stable")
    ordered = np.take_along_axis(np.where(is_known, values, np.nan), order, axis=1)
    place = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    is_new = np.ones(values.shape, dtype=bool)
    is_new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(is_new, place, 0), axis=1)
    is_last = np.ones(values.shape, dtype=bool)
    is_last[:, :-1] = is_new[:, 1:]
    reverse = np.where(is_last, place, values.shape[1])[:, ::-1]
    last = np.minimum.accumulate(reverse, axis=1)[:, ::-1]
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, (first + last) / 2.0 + 1.0, axis=1)
    return np.where(is_known, ranks, np.nan)


def rank_correlations(left: "Matrix", right: "Matrix") -> Series:
    """Return Spearman's correlation of each row over the names both sides know."""
    both = np.isfinite(left) & np.isfinite(right)
    return row_correlations(
        row_ranks(np.where(both, left, np.nan)), row_ranks(np.where(both, right, np.nan))
    )


def row_correlations(left: "Matrix", right: "Matrix") -> Series:
    """Return Pearson's correlation of each row; NaN below three names or for a constant side."""
    both = np.isfinite(left) & np.isfinite(right)
    count = both.sum(axis=1)
    x, y = _centred(left, both, count), _centred(right, both, count)
    spread = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    is_known = (count >= NAMES_MIN) & _varies(left, both) & _varies(right, both) & (spread > 0)
    product = (x * y).sum(axis=1)
    safe = np.where(is_known, spread, 1.0)
    return np.where(is_known, np.clip(product / safe, -1.0, 1.0), np.nan)


def _centred(values: "Matrix", both: NDArray[np.bool_], count: NDArray[np.int64]) -> "Matrix":
    kept = np.where(both, values, 0.0)
    mean = kept.sum(axis=1) / np.maximum(count, 1)
    return np.where(both, kept - mean[:, None], 0.0)


def _varies(values: "Matrix", both: NDArray[np.bool_]) -> NDArray[np.bool_]:
    highest = np.where(both, values, -np.inf).max(axis=1, initial=-np.inf)
    lowest = np.where(both, values, np.inf).min(axis=1, initial=np.inf)
    varies: NDArray[np.bool_] = highest > lowest
    return varies


def _quantile_returns(ranks: "Matrix", outcome: "Matrix") -> Series:
    """Average the outcomes of each fifth of the ranks, each decision weighing the same."""
    count = np.isfinite(ranks).sum(axis=1, keepdims=True)
    share = (ranks - 0.5) / np.maximum(count, 1)
    bucket = np.floor(np.nan_to_num(share, nan=-1.0) * QUANTILES)
    out = np.full(QUANTILES, np.nan)
    for quantile in range(QUANTILES):
        is_here = (bucket == quantile) & np.isfinite(outcome)
        names = is_here.sum(axis=1)
        totals = np.where(is_here, outcome, 0.0).sum(axis=1)
        has_any = names > 0
        if has_any.any():
            out[quantile] = float((totals[has_any] / names[has_any]).mean())
    return out
