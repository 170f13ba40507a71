"""Ranks and correlations of whole rows at once: what information coefficients are made of.

Ties share their average rank. A correlation needs three names that both sides know, and sides
that vary. Rows near the ends of float64 are scaled by a power of two first, which changes no digit
of a correlation.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Matrix

Series = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Two points always correlate perfectly; three are the least that say anything.
NAMES_MIN = 3
# Products of sums of squares of values within these are far from float64's ends.
_SIZE_MIN, _SIZE_MAX = 1e-50, 1e50


def row_ranks(values: "Matrix") -> "Matrix":
    """Rank each row's finite values from 1, ties by their average; NaN stays NaN."""
    is_known = np.isfinite(values)
    # Ties get one rank, so that their order does not matter and the faster sort will do.
    order = np.argsort(np.where(is_known, values, np.inf), axis=1)
    ordered = np.take_along_axis(np.where(is_known, values, np.nan), order, axis=1)
    places = np.broadcast_to(np.arange(1.0, values.shape[1] + 1), values.shape)
    is_tied = ordered[:, 1:] == ordered[:, :-1]
    has_ties = is_tied.any(axis=1)
    if has_ties.any():
        places = places.copy()
        places[has_ties] = _averaged(is_tied[has_ties])
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, places, axis=1)
    ranks[~is_known] = np.nan
    return ranks


def _averaged(is_tied: Bools) -> "Matrix":
    """Return the places from 1 of ordered rows, those of ties averaged."""
    rows, width = is_tied.shape[0], is_tied.shape[1] + 1
    place = np.broadcast_to(np.arange(width), (rows, width))
    is_new = np.ones((rows, width), dtype=bool)
    is_new[:, 1:] = ~is_tied
    first = np.maximum.accumulate(np.where(is_new, place, 0), axis=1)
    is_last = np.ones((rows, width), dtype=bool)
    is_last[:, :-1] = is_new[:, 1:]
    reverse = np.where(is_last, place, width)[:, ::-1]
    last = np.minimum.accumulate(reverse, axis=1)[:, ::-1]
    averaged: Matrix = (first + last) / 2.0 + 1.0
    return averaged


def rank_correlations(
    left: "Matrix",
    right: "Matrix",
    *,
    left_ranks: "Matrix | None" = None,
    right_ranks: "Matrix | None" = None,
) -> Series:
    """Return Spearman's correlation of each row over the names both sides know.

    Ranks that are known already, of all that a side knows, are used where that is the same.
    """
    left_known, right_known = np.isfinite(left), np.isfinite(right)
    both = left_known & right_known
    count = both.sum(axis=1)
    x = _ranks_within(left, left_known, both, count, left_ranks)
    y = _ranks_within(right, right_known, both, count, right_ranks)
    return row_correlations(x, y)


def _ranks_within(
    values: "Matrix", is_known: Bools, both: Bools, count: NDArray[np.int64], ranks: "Matrix | None"
) -> "Matrix":
    if ranks is None:
        return row_ranks(np.where(both, values, np.nan))
    lacks = is_known.sum(axis=1) != count
    if lacks.any():
        ranks = ranks.copy()
        ranks[lacks] = row_ranks(np.where(both[lacks], values[lacks], np.nan))
    return ranks


@dataclass(frozen=True, slots=True)
class Side:
    """Rows centred on the mean of what is known, 0 elsewhere: half of a correlation.

    ``squares`` are their sums of squares; a row is ``fit`` with three names that are not all alike.
    """

    known: Bools
    centred: "Matrix"
    squares: Series
    fit: Bools

    def rows(self, rows: "slice | NDArray[np.int64] | Bools") -> "Side":
        """Take some rows."""
        return Side(self.known[rows], self.centred[rows], self.squares[rows], self.fit[rows])


def side_of(values: "Matrix", known: Bools | None = None) -> Side:
    """Make the half of correlations, over the names known (those with finite values)."""
    known = np.isfinite(values) if known is None else known
    count = known.sum(axis=1)
    kept = np.where(known, values, 0.0)
    centred = _centred(_scaled(kept), known, count)
    fit = (count >= NAMES_MIN) & _varies(kept, known, count)
    return Side(known, centred, np.einsum("ij,ij->i", centred, centred), fit)


def correlations(left: Side, right: Side) -> Series:
    """Return Pearson's correlation of each row of sides that know the same names."""
    spread = np.sqrt(left.squares * right.squares)
    is_known = left.fit & right.fit & (spread > 0)
    product = np.einsum("ij,ij->i", left.centred, right.centred)
    safe = np.where(is_known, spread, 1.0)
    return np.where(is_known, np.clip(product / safe, -1.0, 1.0), np.nan)


def row_correlations(left: "Matrix", right: "Matrix") -> Series:
    """Return Pearson's correlation of each row; NaN below three names or for a constant side."""
    both = np.isfinite(left) & np.isfinite(right)
    return correlations(side_of(left, both), side_of(right, both))


def _scaled(values: "Matrix") -> "Matrix":
    """Bring the largest of each extreme row to about 1; the others stay as they are."""
    largest = np.maximum(values.max(axis=1, initial=0.0), -values.min(axis=1, initial=0.0))
    is_extreme = (largest > 0) & ~((largest > _SIZE_MIN) & (largest < _SIZE_MAX))
    if not is_extreme.any():
        return values
    out = values.copy()
    _, exponent = np.frexp(largest[is_extreme])
    out[is_extreme] = np.ldexp(values[is_extreme], -exponent[:, None])
    return out


def _centred(kept: "Matrix", both: Bools, count: NDArray[np.int64]) -> "Matrix":
    mean = kept.sum(axis=1) / np.maximum(count, 1)
    centred: Matrix = (kept - mean[:, None]) * both
    return centred


def _varies(kept: "Matrix", both: Bools, count: NDArray[np.int64]) -> Bools:
    """Tell the rows whose values, where both are known, are not all the same."""
    rows = np.arange(len(kept))
    first = kept[rows, both.argmax(axis=1)] if kept.shape[1] else np.zeros(len(kept))
    varies: Bools = ((kept != first[:, None]) & both).any(axis=1) & (count > 0)
    return varies
