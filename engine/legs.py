"""Rules that hold names by their place in the order of the signal, for all decisions at once."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Matrix
    from ..dsl.strategy import Portfolio
    from .evaluate import BoolMatrix


def legs(signal: "Matrix", is_in: "BoolMatrix", portfolio: "Portfolio") -> "Matrix":
    """Hold the highest share long and the lowest short, half of gross each."""
    quantile, gross = portfolio.quantile, float(portfolio.gross)
    assert quantile is not None
    counts, order, values = _sorted(signal, is_in)
    # Decimal times int is exact: 10 names at 0.3 are 3, not 2.
    sizes = np.array([max(1, int(quantile * n)) for n in range(signal.shape[1] + 1)], np.int64)
    size = sizes[counts]
    has_both = 2 * size <= counts
    rows = np.flatnonzero(has_both)
    lowest, highest = values[rows, size[rows] - 1], values[rows, counts[rows] - size[rows]]
    # The legs cannot be told apart where their boundary values are equal.
    has_both[rows[lowest == highest]] = False
    place = np.arange(signal.shape[1])
    is_short = has_both[:, None] & (place < size[:, None])
    is_long = has_both[:, None] & (place >= (counts - size)[:, None]) & (place < counts[:, None])
    weight = (gross / 2 / size)[:, None]
    return _placed(order, np.where(is_long, weight, np.where(is_short, -weight, 0.0)))


def highest(signal: "Matrix", is_in: "BoolMatrix", portfolio: "Portfolio") -> "Matrix":
    """Hold each of the highest names with its share of gross."""
    k = portfolio.k
    assert k is not None
    # Negated, so that of equal values the first symbol comes first.
    counts, order, values = _sorted(-signal, is_in)
    last = np.take_along_axis(values, np.maximum(counts - 1, 0)[:, None], axis=1)[:, 0]
    has_choice = (counts <= k) | (values[:, 0] != last)
    place = np.arange(signal.shape[1])
    is_held = has_choice[:, None] & (place < np.minimum(counts, k)[:, None])
    return _placed(order, np.where(is_held, float(portfolio.gross) / k, 0.0))


def _sorted(
    signal: "Matrix", is_in: "BoolMatrix"
) -> tuple[NDArray[np.int64], NDArray[np.int64], "Matrix"]:
    """Return the count of names in each row, their columns upward by value, and the values.

    Names that take no part come last; of equals the one whose symbol comes first.
    """
    keys = np.where(is_in, signal, np.inf)
    order = np.argsort(keys, axis=1, kind="stable").astype(np.int64)
    values = np.take_along_axis(keys, order, axis=1)
    return is_in.sum(axis=1).astype(np.int64), order, values


def _placed(order: NDArray[np.int64], weights: "Matrix") -> "Matrix":
    out = np.empty(weights.shape)
    np.put_along_axis(out, order, weights, axis=1)
    return out
