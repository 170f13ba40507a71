"""From a signal to target weights: fractions of equity, one row a decision.

Rules, for each row by itself:

1. A name takes part when the mask holds it and its signal is finite, and, where a rule measures
   volatility, when it has a return at each bar of that window; ``risk_parity`` also wants returns
   that vary. All others get weight 0.
2. Ties are broken by the order of the columns, which is the order of the symbols.
3. ``long_short``: the highest ``k = floor(n * quantile)`` names (at least 1) share half of gross
   equally, the lowest ``k`` share the other half short. Flat when there are fewer than two names
   or when the legs cannot be told apart, that is when their boundary values are equal.
4. ``top_k``: each of the ``k`` highest names gets ``gross / k``; what a short list leaves over
   stays cash. Flat when there is something to choose but all values are equal.
5. ``proportional``: proportional to the signal as it is, absolute weights sum to gross. With
   ``net`` the signal is first taken less its mean over the names that take part.
6. ``risk_parity``: proportional to the signal's sign over the name's volatility, which is the
   sample deviation of its last ``vol_bars`` returns; absolute weights sum to gross.
7. ``net``: longs are scaled to ``(gross + net) / 2`` and shorts to ``(gross - net) / 2``. Flat
   when a side that must hold something is empty.
8. ``weight_max`` caps absolute weights. What is cut off goes to the uncapped names of the same
   side in proportion to their weights, never above the cap; what finds no room stays cash.
9. ``group_max``: a group whose absolute weights sum to more is scaled down to it; what is cut off
   stays cash. A name of no group is a group of its own.
10. Where 8 or 9 cut one side more than the other and ``net`` is asked for, the other side is
    scaled down until the net holds again.
11. ``vol_target``: weights whose volatility over the last ``target_bars`` returns, annualised, is
    above the target are scaled down to it, all alike. They are never scaled up: ``gross`` is the
    most that is held, so a portfolio that may use leverage says a larger gross. Net shrinks alike.

Volatilities end with the returns of the decision's own bar: nothing later is known.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..dsl.strategy import Portfolio, Rule
from .bounds import calmed, capped, group_capped, netted, sided
from .trail import Trail, trail_of

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from .evaluate import BoolMatrix, Evaluator

    Row = NDArray[np.float64]

# Sums of absolute values within these, and what a gross is over them, are far from float64's ends.
_SIZE_MIN, _SIZE_MAX = 1e-290, 1e290


def decided_weights(  # noqa: PLR0913  # All that a decision is made of.
    portfolio: Portfolio,
    panel: "Panel",
    *,
    signal: "Matrix",
    mask: "BoolMatrix",
    rows: NDArray[np.int64],
    evaluator: "Evaluator",
) -> "Matrix":
    """Return the weights decided at the end of each of some rows of a panel.

    ``signal`` and ``mask`` are of the whole panel. Research and trading both decide here. A name
    without a price gets none.
    """
    trail = trail_of(portfolio, panel, rows, mask, evaluator)
    has_price = np.isfinite(panel.fields["close"][rows])
    return target_weights(signal[rows], has_price, portfolio, trail)


def target_weights(
    signal: "Matrix", mask: "BoolMatrix", portfolio: Portfolio, trail: Trail | None = None
) -> "Matrix":
    """Return the weight of each name on each row; see the rules above.

    ``trail`` must be there when the portfolio measures volatility or bounds groups.
    """
    out = np.zeros(signal.shape)
    is_in = mask & np.isfinite(signal)
    for row in range(signal.shape[0]):
        names = np.flatnonzero(is_in[row])
        if trail is not None and portfolio.look_back_bars:
            names = names[_is_measured(portfolio, trail, row)[names]]
        if len(names):
            out[row, names] = _decided(signal[row, names], portfolio, trail, row, names)
    return out


def _is_measured(portfolio: Portfolio, trail: Trail, row: int) -> NDArray[np.bool_]:
    """Tell the names whose volatility can be measured at a row."""
    sample = trail.sample(row, portfolio.look_back_bars)
    # A column that lacks a value adds up to none.
    is_known: NDArray[np.bool_] = np.isfinite(sample.sum(axis=0))
    if portfolio.vol_bars is None:
        return is_known
    recent = np.where(is_known, sample[-portfolio.vol_bars :], 0.0)
    varies: NDArray[np.bool_] = recent.max(axis=0) > recent.min(axis=0)
    return is_known & varies


def _decided(
    values: "Row", portfolio: Portfolio, trail: Trail | None, row: int, names: NDArray[np.int64]
) -> "Row":
    """Apply rules 3 to 11 to the names that take part."""
    gross = float(portfolio.gross)
    weights = _by_rule(values, portfolio, trail, row, names)
    net = None if portfolio.net is None else float(portfolio.net)
    if net is not None:
        weights = sided(weights, gross=gross, net=net)
    if portfolio.weight_max is not None:
        weights = capped(weights, float(portfolio.weight_max))
    if portfolio.group_max is not None and trail is not None and trail.groups is not None:
        weights = group_capped(weights, trail.groups[row, names], float(portfolio.group_max))
    if net is not None:
        weights = netted(weights, gross=gross, net=net)
    if portfolio.vol_target is not None and portfolio.target_bars and trail is not None:
        sample = trail.sample(row, portfolio.target_bars)[:, names]
        target = float(portfolio.vol_target)
        weights = calmed(weights, sample, target=target, year_bars=trail.year_bars)
    return weights


def _by_rule(
    values: "Row", portfolio: Portfolio, trail: Trail | None, row: int, names: NDArray[np.int64]
) -> "Row":
    gross = float(portfolio.gross)
    if portfolio.rule is Rule.LONG_SHORT:
        return _long_short(values, portfolio, gross)
    if portfolio.rule is Rule.TOP_K:
        return _top_k(values, portfolio, gross)
    if portfolio.rule is Rule.RISK_PARITY:
        assert trail is not None and portfolio.vol_bars is not None  # noqa: PT018
        sample = trail.sample(row, portfolio.vol_bars)[:, names]
        return _scaled(np.sign(values) / sample.std(axis=0, ddof=1), gross)
    if portfolio.net is None:
        return _scaled(values, gross)
    largest = float(np.abs(values).max())
    # The sum of values near the end of float64 leaves it; their shares do not.
    values = values / largest if largest > _SIZE_MAX else values
    return _scaled(values - values.mean(), gross)


def _scaled(values: "Row", gross: float) -> "Row":
    with np.errstate(over="ignore"):
        total = float(np.abs(values).sum())
    if total == 0:
        return np.zeros(len(values))
    if not _SIZE_MIN < total < _SIZE_MAX:
        # A sum or its inverse may leave float64: bring the largest to 1 first.
        values = values / np.abs(values).max()
        total = float(np.abs(values).sum())
    return values * (gross / total)


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
