"""Means, squares and products of two inputs over a window; see ``moments`` for why it holds.

A bar counts when both inputs are finite. Where one input is constant its squares and the products
are exactly 0, so that a correlation is 0 / 0: missing.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

COMOMENTS = 5  # mean of x, mean of y, squares of x, squares of y, products
LOOSE_COMOMENTS = 6  # how many pairs were finite, then as above


@helper
def push_comoments(x: "Row", y: "Row", state: "Panel", count: int, _way: int) -> None:
    """Take a bar in; NaN stays."""
    share = 1.0 / count
    rest = 1.0 - share
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - state[0, i], y[i] - state[1, i]
        state[0, i] += of_x * share
        state[1, i] += of_y * share
        state[2, i] += of_x * of_x * rest
        state[3, i] += of_y * of_y * rest
        state[4, i] += of_x * of_y * rest


@helper
def join_comoments(
    older: "Panel", older_bars: int, newer: "Panel", newer_bars: int, both: "Panel"
) -> None:
    """Write the state of both pieces into a third."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    share = newer_bars / bars
    for i in range(both.shape[1]):
        of_x, of_y = newer[0, i] - older[0, i], newer[1, i] - older[1, i]
        both[0, i] = older[0, i] + of_x * share
        both[1, i] = older[1, i] + of_y * share
        both[2, i] = older[2, i] + newer[2, i] + of_x * of_x * between
        both[3, i] = older[3, i] + newer[3, i] + of_y * of_y * between
        both[4, i] = older[4, i] + newer[4, i] + of_x * of_y * between


@helper
def answer_cov(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the sample covariance."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    for i in range(out.shape[0]):
        products = (newer[0, i] - older[0, i]) * (newer[1, i] - older[1, i]) * between
        out[i] = settled((older[4, i] + newer[4, i] + products) / (bars - 1.0))


@helper
def correlation(xx: float, yy: float, xy: float) -> float:
    """Return Pearson's correlation, kept in [-1, 1] against rounding."""
    # Two roots, not the root of a product: small squares must not underflow.
    value = xy / (math.sqrt(xx) * math.sqrt(yy))
    if value > 1.0:
        return 1.0
    if value < -1.0:
        return -1.0
    return settled(value)


@helper
def answer_corr(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the correlation."""
    between = older_bars * newer_bars / float(older_bars + newer_bars)
    for i in range(out.shape[0]):
        of_x, of_y = newer[0, i] - older[0, i], newer[1, i] - older[1, i]
        out[i] = correlation(
            older[2, i] + newer[2, i] + of_x * of_x * between,
            older[3, i] + newer[3, i] + of_y * of_y * between,
            older[4, i] + newer[4, i] + of_x * of_y * between,
        )


@helper
def push_loose_comoments(x: "Row", y: "Row", state: "Panel", _count: int, _way: int) -> None:
    """Take in the pairs of a bar that are finite on both sides."""
    for i in range(x.shape[0]):
        is_there = x[i] - x[i] == 0.0 and y[i] - y[i] == 0.0
        one = 1.0 if is_there else 0.0
        of_x = x[i] - state[1, i] if is_there else 0.0
        of_y = y[i] - state[2, i] if is_there else 0.0
        count = state[0, i] + one
        share = one / max(count, 1.0)
        rest = one - share
        state[0, i] = count
        state[1, i] += of_x * share
        state[2, i] += of_y * share
        state[3, i] += of_x * of_x * rest
        state[4, i] += of_y * of_y * rest
        state[5, i] += of_x * of_y * rest


@helper
def answer_loose_cov(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the covariance of the finite pairs where there are enough."""
    for i in range(out.shape[0]):
        count = older[0, i] + newer[0, i]
        between = older[0, i] * newer[0, i] / max(count, 1.0)
        products = (newer[1, i] - older[1, i]) * (newer[2, i] - older[2, i]) * between
        is_enough = count >= need and count > 1.0
        total = older[5, i] + newer[5, i] + products
        out[i] = settled(total / (count - 1.0)) if is_enough else NAN


@helper
def answer_loose_corr(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the correlation of the finite pairs where there are enough."""
    for i in range(out.shape[0]):
        count = older[0, i] + newer[0, i]
        between = older[0, i] * newer[0, i] / max(count, 1.0)
        of_x, of_y = newer[1, i] - older[1, i], newer[2, i] - older[2, i]
        value = correlation(
            older[3, i] + newer[3, i] + of_x * of_x * between,
            older[4, i] + newer[4, i] + of_y * of_y * between,
            older[5, i] + newer[5, i] + of_x * of_y * between,
        )
        out[i] = value if count >= need and count > 1.0 else NAN
