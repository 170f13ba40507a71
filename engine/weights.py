"""From a signal to target weights: fractions of equity, one row a decision.

Rules, for each row by itself:

1. A name takes part when the mask holds it and its signal is finite; all others get weight 0.
2. Ties are broken by the order of the columns, which is the order of the symbols.
3. ``long_short``: the highest ``k = floor(n * quantile)`` names (at least 1) share half of gross
   equally, the lowest ``k`` share the other half short. Flat when there are fewer than two names
   or when the legs cannot be told apart, that is when their boundary values are equal.
4. ``top_k``: each of the ``k`` highest names gets ``gross / k``; what a short list leaves over
   stays cash. Flat when there is something to choose but all values are equal.
5. ``weights``: proportional to the signal as it is (not demeaned), absolute weights sum to gross.
6. ``weight_max`` caps absolute weights. What is cut off goes to the uncapped names of the same
   side in proportion to their weights, never above the cap; what finds no room stays cash.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..dsl.strategy import Portfolio, Rule

if TYPE_CHECKING:
    from ..core.panel import Matrix

    Row = NDArray[np.float64]

# Sums of capped weights are compared with this relative slack of float64 rounding.
ROUNDING = 1e-12


def target_weights(signal: "Matrix", mask: NDArray[np.bool_], portfolio: Portfolio) -> "Matrix":
    """Return the weight of each name on each row; see the rules above."""
    out = np.zeros(signal.shape)
    is_in = mask & np.isfinite(signal)
    for row in range(signal.shape[0]):
        names = np.flatnonzero(is_in[row])
        if len(names):
            weights = _row(signal[row, names], portfolio)
            out[row, names] = capped(weights, portfolio)
    return out


def _row(values: "Row", portfolio: Portfolio) -> "Row":
    gross = float(portfolio.gross)
    if portfolio.rule is Rule.LONG_SHORT:
        return _long_short(values, portfolio, gross)
    if portfolio.rule is Rule.TOP_K:
        return _top_k(values, portfolio, gross)
    total = float(np.abs(values).sum())
    return values * (gross / total) if total > 0 else np.zeros(len(values))


def _long_short(values: "Row", portfolio: Portfolio, gross: float) -> "Row":
    assert portfolio.quantile is not None
    weights = np.zeros(len(values))
    # Decimal times int is exact: 10 names at 0.3 are 3, not 2.
    count = max(1, int(portfolio.quantile * len(values)))
    if 2 * count > len(values):
        return weights
    order = np.argsort(values, kind="stable")
    if values[order[count - 1]] == values[order[-count]]:
        return weights
    weights[order[-count:]] = gross / 2 / count
    weights[order[:count]] = -gross / 2 / count
    return weights


def _top_k(values: "Row", portfolio: Portfolio, gross: float) -> "Row":
    assert portfolio.k is not None
    weights = np.zeros(len(values))
    if len(values) > portfolio.k and values.min() == values.max():
        return weights
    # Negated, so that of equal values the first symbol comes first.
    order = np.argsort(-values, kind="stable")
    weights[order[: portfolio.k]] = gross / portfolio.k
    return weights


def capped(weights: "Row", portfolio: Portfolio) -> "Row":
    """Cut weights at the cap and hand what was cut to the uncapped names of the same side."""
    if portfolio.weight_max is None:
        return weights
    cap = float(portfolio.weight_max)
    if np.abs(weights).max(initial=0.0) <= cap:
        return weights
    long = _capped_side(np.maximum(weights, 0.0), cap)
    short = _capped_side(np.maximum(-weights, 0.0), cap)
    return long - short


def _capped_side(weights: "Row", cap: float) -> "Row":
    wanted = float(weights.sum())
    kept = np.minimum(weights, cap)
    # Each round caps at least one more name, so the loop ends.
    for _ in range(len(weights)):
        has_room = (kept > 0) & (kept < cap)
        missing = wanted - float(kept.sum())
        if missing <= wanted * ROUNDING or not has_room.any():
            break
        room = float(kept[has_room].sum())
        kept[has_room] = np.minimum(kept[has_room] * (1 + missing / room), cap)
    return kept
