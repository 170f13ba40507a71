"""From a signal to target weights: fractions of equity, one row a decision.

Rules, for each row by itself:

1. A name takes part when the mask holds it and its signal is finite, and, where a rule measures
   volatility or beta, when it has a return at each bar of that window; ``risk_parity`` also
   wants returns that vary. All others get weight 0.
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
7. ``neutral`` and ``beta_neutral``: what is held is projected on the weights that have no net in
   any group, and no beta to the benchmark, and scaled to gross (``neutral.py``); ``net 0`` beside
   ``beta_neutral`` is one group of all. Flat where the benchmark lacks a return of the window, or
   never moves in it. Caps then scale all weights alike, and 8 to 11 are left out.
8. ``net``: longs are scaled to ``(gross + net) / 2`` and shorts to ``(gross - net) / 2``. Flat
   when a side that must hold something is empty.
9. ``weight_max`` caps absolute weights. What is cut off goes to the uncapped names of the same
   side in proportion to their weights, never above the cap; what finds no room stays cash.
10. ``group_max``: a group whose absolute weights sum to more is scaled down to it; what is cut off
    stays cash. A name of no group is a group of its own.
11. Where 9 or 10 cut one side more than the other and ``net`` is asked for, the other side is
    scaled down until the net holds again.
12. ``vol_target``: weights whose volatility over the last ``target_bars`` returns, annualised, is
    above the target are scaled down to it, all alike. Calmer ones are scaled up only where
    ``gross_max`` says how far, and never above it or a cap; else ``gross`` is the most that is
    held. Net and exposures scale alike.

Volatilities and betas end with the returns of the decision's own bar: nothing later is known.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..dsl.strategy import Portfolio, Rule
from .bounds import calmed, capped, group_capped, netted, sided
from .legs import highest, legs
from .neutral import betas_of, neutral, room_of, shrunk
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
    benchmark: str = "",
) -> "Matrix":
    """Return the weights decided at the end of each of some rows of a panel.

    ``signal`` and ``mask`` are of the whole panel. Research and trading both decide here. A name
    without a price gets none. ``benchmark`` is what betas are measured against.
    """
    trail = trail_of(portfolio, panel, rows, mask, evaluator=evaluator, benchmark=benchmark)
    has_price = np.isfinite(panel.fields["close"][rows])
    return target_weights(signal[rows], has_price, portfolio, trail)


def target_weights(
    signal: "Matrix", mask: "BoolMatrix", portfolio: Portfolio, trail: Trail | None = None
) -> "Matrix":
    """Return the weight of each name on each row; see the rules above.

    ``trail`` must be there when the portfolio measures returns or looks at groups.
    """
    is_in = mask & np.isfinite(signal)
    if trail is not None and portfolio.look_back_bars:
        is_in &= _is_measured(portfolio, trail)
    if portfolio.rule is Rule.LONG_SHORT:
        out = legs(signal, is_in, portfolio)
    elif portfolio.rule is Rule.TOP_K:
        out = highest(signal, is_in, portfolio)
    else:
        out = np.zeros(signal.shape)
        for row in np.flatnonzero(is_in.any(axis=1)):
            names = np.flatnonzero(is_in[row])
            out[row, names] = _by_rule(signal[row, names], portfolio, trail, int(row), names)
    if _is_bounded(portfolio):
        for row in np.flatnonzero(out.any(axis=1)):
            names = np.flatnonzero(is_in[row])
            out[row, names] = _bounded(out[row, names], portfolio, trail, int(row), names)
    return out


def _is_bounded(portfolio: Portfolio) -> bool:
    """Tell whether anything but the rule has a say."""
    bounds = (portfolio.net, portfolio.weight_max, portfolio.group_max, portfolio.vol_target)
    return any(bound is not None for bound in (*bounds, portfolio.neutral, portfolio.beta_bars))


def _is_measured(portfolio: Portfolio, trail: Trail) -> "BoolMatrix":
    """Tell the names whose returns are all there at each row and, for ``risk_parity``, vary."""
    is_known, _ = trail.known_and_varying(portfolio.look_back_bars)
    if portfolio.vol_bars is None:
        return is_known
    return is_known & trail.known_and_varying(portfolio.vol_bars)[1]


def _bounded(
    weights: "Row", portfolio: Portfolio, trail: Trail | None, row: int, names: NDArray[np.int64]
) -> "Row":
    """Apply rules 7 to 12 to the names that take part."""
    gross = float(portfolio.gross)
    net = None if portfolio.net is None else float(portfolio.net)
    cap, group_cap = (_float(bound) for bound in (portfolio.weight_max, portfolio.group_max))
    groups = None if trail is None or trail.groups is None else trail.groups[row, names]
    if portfolio.neutral is not None or portfolio.beta_bars is not None:
        assert trail is not None
        weights = _neutral(weights, portfolio, trail, row, names)
        weights = shrunk(weights, weight_max=cap, groups=groups, group_max=group_cap)
    else:
        if net is not None:
            weights = sided(weights, gross=gross, net=net)
        if cap is not None:
            weights = capped(weights, cap)
        if group_cap is not None and groups is not None:
            weights = group_capped(weights, groups, group_cap)
        if net is not None:
            weights = netted(weights, gross=gross, net=net)
    if portfolio.vol_target is not None and portfolio.target_bars and trail is not None:
        is_held = weights != 0
        sample = trail.sample(row, portfolio.target_bars)[:, names[is_held]]
        room = 1.0
        if portfolio.gross_max is not None:
            total = float(np.abs(weights).sum())
            room = float(portfolio.gross_max) / total if total > 0 else 1.0
            room = max(1.0, min(room, room_of(weights, cap, groups, group_cap)))
        target = float(portfolio.vol_target)
        weights[is_held] = calmed(
            weights[is_held], sample, target=target, year_bars=trail.year_bars, room=room
        )
    return weights


def _neutral(
    weights: "Row", portfolio: Portfolio, trail: Trail, row: int, names: NDArray[np.int64]
) -> "Row":
    """Take off the exposures that rule 7 names; flat where a beta cannot be measured."""
    groups = np.zeros(len(names)) if portfolio.net is not None else None
    if portfolio.neutral is not None:
        assert trail.neutral is not None
        groups = trail.neutral[row, names]
    betas = None
    if portfolio.beta_bars is not None:
        sample = trail.sample(row, portfolio.beta_bars)[:, names]
        betas = betas_of(sample, trail.benchmark_sample(row, portfolio.beta_bars))
        if betas is None:
            return np.zeros(len(weights))
    return neutral(weights, gross=float(portfolio.gross), groups=groups, betas=betas)


def _float(bound: Decimal | None) -> float | None:
    return None if bound is None else float(bound)


def _by_rule(
    values: "Row", portfolio: Portfolio, trail: Trail | None, row: int, names: NDArray[np.int64]
) -> "Row":
    gross = float(portfolio.gross)
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
