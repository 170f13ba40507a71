"""The least-squares line of ``x`` on ``y`` over a window: slope, level, fit, and what is left.

Joined from the pieces of ``comoments``. Where ``y`` is constant its squares are exactly 0 and the
slope is 0 / 0: missing.
"""

from typing import TYPE_CHECKING

from ..kernels import helper, settled
from .comoments import COMOMENTS, apart, correlation_of, push_comoments

if TYPE_CHECKING:
    from ..kernels import Panel, Row

WITH_NEWEST = COMOMENTS + 1  # and the newest value of y


@helper
def slope_of(older: "Panel", newer: "Panel", between: float, i: int) -> float:
    """Return how much of x comes with one of y."""
    of_x, of_y = apart(older, newer, 0, i), apart(older, newer, 1, i)
    squares = older[5, i] + newer[5, i] + of_y * of_y * between
    products = older[6, i] + newer[6, i] + of_x * of_y * between
    return float(products / squares)


@helper
def answer_beta(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the slope."""
    between = older_bars * newer_bars / float(older_bars + newer_bars)
    for i in range(out.shape[0]):
        out[i] = settled(slope_of(older, newer, between, i))


@helper
def answer_alpha(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write what x is where y is 0."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    share = older_bars / bars
    for i in range(out.shape[0]):
        slope = slope_of(older, newer, between, i)
        # The means, counted from the newer piece's pivots.
        of_x = newer[2, i] - apart(older, newer, 0, i) * share
        of_y = newer[3, i] - apart(older, newer, 1, i) * share
        out[i] = settled((newer[0, i] - slope * newer[1, i]) + (of_x - slope * of_y))


@helper
def answer_fit(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the share of x's variance that the line explains."""
    between = older_bars * newer_bars / float(older_bars + newer_bars)
    for i in range(out.shape[0]):
        both = correlation_of(older, newer, between, i)
        out[i] = both * both


@helper
def push_with_newest(x: "Row", y: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in and remember its ``y``: heads grow forward, so theirs is the newest."""
    push_comoments(x, y, state, count, way)
    for i in range(x.shape[0]):
        state[COMOMENTS, i] = y[i]


@helper
def answer_residual(
    x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the newest bar's distance from the line."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    share = older_bars / bars
    for i in range(out.shape[0]):
        of_x, of_y = apart(older, newer, 0, i), apart(older, newer, 1, i)
        from_x = (x[i] - newer[0, i]) - (newer[2, i] - of_x * share)
        from_y = (newer[COMOMENTS, i] - newer[1, i]) - (newer[3, i] - of_y * share)
        out[i] = settled(from_x - slope_of(older, newer, between, i) * from_y)
