"""Information coefficients: what a signal knew about the returns that followed it.

The outcome of a decision at bar d is the return from the open of d + delay, where it is traded,
to the open of one rebalance later. Lag k looks at the same span k rebalances later. Standard errors
are those of Newey and West (``newey_west``). A fifth of n names holds those whose rank from 1,
less a half, is in that fifth of n; on the border of two fifths, as ties may be, it is in the one
nearer to the middle. So a signal turned upside down swaps the fifths.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .newey_west import mean_and_error
from .ranks import (
    Side,
    correlations,
    rank_correlations,
    row_correlations,
    row_ranks,
    side_of,
)

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel

Series = NDArray[np.float64]
LAGS = 10
QUANTILES = 5
NOWHERE = -1
# Below this share of the names, rows are packed before they are ranked.
PACKED_MAX = 0.6


@dataclass(frozen=True, slots=True)
class Information:
    """Per decision: Pearson and rank IC (NaN without an outcome); by lag and by fifth: means.

    ``lag_*`` begin at lag 0, in rebalances; ``autocorrelation`` is of the signal's ranks with those
    that many decisions before, 1 at lag 0. Fifths go from the lowest to the highest of the signal.
    ``quantile_turnover`` is the mean share of a fifth's names that were not in it one decision ago.
    """

    times: NDArray[np.int64]
    ic: Series
    rank_ic: Series
    lag_ic: Series
    lag_ic_se: Series
    lag_rank_ic: Series
    lag_rank_ic_se: Series
    quantile_returns: Series  # mean outcome of each fifth, each decision weighing the same
    quantile_by_decision: "Matrix"  # mean outcome, [decision, fifth]
    quantile_turnover: Series
    autocorrelation: Series


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
    later = _Later(opens, rows + delay_bars, horizon_bars, values, ranks)
    found = [later.correlations(lag) for lag in range(LAGS)]
    pearson = [mean_and_error(ic) for ic, _ in found]
    spearman = [mean_and_error(rank_ic) for _, rank_ic in found]
    fifth = fifths(ranks)
    by_decision = _fifth_means(fifth, later.outcome(0))
    return Information(
        times=panel.times[rows],
        ic=found[0][0],
        rank_ic=found[0][1],
        lag_ic=np.array([mean for mean, _ in pearson]),
        lag_ic_se=np.array([error for _, error in pearson]),
        lag_rank_ic=np.array([mean for mean, _ in spearman]),
        lag_rank_ic_se=np.array([error for _, error in spearman]),
        quantile_returns=mean_of_columns(by_decision),
        quantile_by_decision=by_decision,
        quantile_turnover=_fifth_turnover(fifth),
        autocorrelation=_autocorrelation(ranks),
    )


def outcomes(opens: "Matrix", entry: NDArray[np.int64], horizon_bars: int) -> "Matrix":
    """Return open-to-open returns over the horizon; NaN where either open is missing."""
    out = np.full((len(entry), opens.shape[1]), np.nan)
    is_inside = entry + horizon_bars < opens.shape[0]
    first = entry[is_inside]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = opens[first + horizon_bars] / opens[first] - 1.0
    found[~np.isfinite(found)] = np.nan
    out[is_inside] = found
    return out


class _Later:
    """The outcomes of decisions at each lag, each span of bars measured and ranked once."""

    def __init__(
        self,
        opens: "Matrix",
        entry: NDArray[np.int64],
        horizon_bars: int,
        values: "Matrix",
        ranks: "Matrix",
    ) -> None:
        self._entry, self._horizon = entry, horizon_bars
        spans = entry[:, None] + horizon_bars * np.arange(LAGS)
        self._spans = np.unique(spans)
        self._outcomes = outcomes(opens, self._spans, horizon_bars)
        known = np.isfinite(values)
        width = int(known.sum(axis=1).max(initial=0))
        self._columns: NDArray[np.int64] | None = None
        self._span_ranks: Matrix | None = None
        if width < PACKED_MAX * values.shape[1]:
            # A small universe in a wide panel: only its own names are worth sorting.
            self._columns = np.argsort(~known, axis=1, kind="stable")[:, :width]
            values = np.take_along_axis(values, self._columns, axis=1)
            ranks = np.take_along_axis(ranks, self._columns, axis=1)
        else:
            self._span_ranks = row_ranks(self._outcomes)
        self._values, self._ranks = values, ranks
        self._sides = side_of(values), side_of(ranks)
        self._span_sides: tuple[Side, Side] | None = None
        if self._span_ranks is not None:
            self._span_sides = side_of(self._outcomes), side_of(self._span_ranks)

    def outcome(self, lag: int) -> "Matrix":
        """Return the outcomes at a lag, [decision, instrument]."""
        return self._outcomes[self._places(lag)]

    def correlations(self, lag: int) -> tuple[Series, Series]:
        """Return Pearson's and Spearman's correlation of each decision at a lag."""
        places = self._places(lag)
        if self._span_sides is None:
            return self._within(places)
        values, ranks = self._sides
        other, other_ranks = (side.rows(rows_of(places)) for side in self._span_sides)
        found = correlations(values, other), correlations(ranks, other_ranks)
        differs = np.flatnonzero((values.known != other.known).any(axis=1))
        if len(differs):
            # Names that one side alone knows are left out, and ranks are of the others.
            again = self._within(places[differs], differs)
            for whole, part in zip(found, again, strict=True):
                whole[differs] = part
        return found

    def _within(
        self, places: NDArray[np.int64], rows: "NDArray[np.int64] | None" = None
    ) -> tuple[Series, Series]:
        """Correlate some decisions over the names that both sides know."""
        own = slice(None) if rows is None else rows
        values, own_ranks = self._values[own], self._ranks[own]
        outcome, ranks = self._outcomes[places], None
        if self._columns is not None:
            outcome = np.take_along_axis(outcome, self._columns[own], axis=1)
        elif self._span_ranks is not None:
            ranks = self._span_ranks[places]
        return row_correlations(values, outcome), rank_correlations(
            values, outcome, left_ranks=own_ranks, right_ranks=ranks
        )

    def _places(self, lag: int) -> NDArray[np.int64]:
        return np.searchsorted(self._spans, self._entry + lag * self._horizon)


def rows_of(places: NDArray[np.int64]) -> "slice | NDArray[np.int64]":
    """Return a slice for places one after the other: no copy is made of what it takes."""
    is_run = len(places) > 0 and bool((np.diff(places) == 1).all())
    return slice(int(places[0]), int(places[-1]) + 1) if is_run else places


def fifths(ranks: "Matrix") -> NDArray[np.int8]:
    """Return the fifth of each cell, 0 the lowest; -1 where there is no rank."""
    count = np.isfinite(ranks).sum(axis=1, keepdims=True)
    share = np.nan_to_num((ranks - 0.5) / np.maximum(count, 1) * QUANTILES, nan=NOWHERE)
    is_upper = share > QUANTILES / 2
    fifth: NDArray[np.int8] = np.where(is_upper, np.ceil(share) - 1, np.floor(share)).astype("i1")
    return fifth


def mean_of_columns(values: "Matrix") -> Series:
    """Average the finite values of each column; NaN where there are none."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _fifth_means(fifth: NDArray[np.int8], outcome: "Matrix") -> "Matrix":
    """Return the mean outcome of each fifth at each decision; NaN where it has none."""
    known = np.isfinite(outcome)
    filled = np.where(known, outcome, 0.0)
    out = np.full((len(fifth), QUANTILES), np.nan)
    for quantile in range(QUANTILES):
        is_here = (fifth == quantile) & known
        names = is_here.sum(axis=1)
        totals = (filled * is_here).sum(axis=1)
        out[:, quantile] = np.where(names > 0, totals / np.maximum(names, 1), np.nan)
    return out


def _fifth_turnover(fifth: NDArray[np.int8]) -> Series:
    """Return the mean share of each fifth's names that were not in it one decision before."""
    out = np.full(QUANTILES, np.nan)
    for quantile in range(QUANTILES):
        is_here = fifth == quantile
        names = is_here.sum(axis=1)
        has_both = (names[1:] > 0) & (names[:-1] > 0)
        came = (is_here[1:] & ~is_here[:-1]).sum(axis=1)[has_both]
        if len(came):
            out[quantile] = float((came / names[1:][has_both]).mean())
    return out


def _autocorrelation(ranks: "Matrix") -> Series:
    """Return the mean correlation of ranks with those of earlier decisions, by lag from 0."""
    out = np.full(LAGS, np.nan)
    side = side_of(ranks)
    for lag in range(min(LAGS, len(ranks))):
        now, before = side.rows(slice(lag, None)), side.rows(slice(len(ranks) - lag))
        found = correlations(now, before)
        differs = np.flatnonzero((now.known != before.known).any(axis=1))
        if len(differs):
            found[differs] = row_correlations(ranks[differs + lag], ranks[differs])
        known = found[np.isfinite(found)]
        if len(known):
            out[lag] = float(known.mean())
    return out
