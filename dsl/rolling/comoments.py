"""Means, squares and products of two inputs over a window; see ``moments`` for why it holds.

A bar counts when both inputs are finite. Where one input is constant its squares and the products
are exactly 0, so that a correlation is 0 / 0: missing.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

# The pivots of x and y, their means' distances from them, squares of x, of y, and products.
COMOMENTS = 7
LOOSE_COMOMENTS = 8  # as above, and how many pairs were finite


@helper
def push_comoments(x: "Row", y: "Row", state: "Panel", count: int, _way: int) -> None:
    """Take a bar in; NaN stays."""
    if count == 1:
        state[0] = x
        state[1] = y
        state[2:] = 0.0
        return
    share = 1.0 / count
    rest = 1.0 - share
    for i in range(x.shape[0]):
        of_x = (x[i] - state[0, i]) - state[2, i]
        of_y = (y[i] - state[1, i]) - state[3, i]
        state[2, i] += of_x * share
        state[3, i] += of_y * share
        state[4, i] += of_x * of_x * rest
        state[5, i] += of_y * of_y * rest
        state[6, i] += of_x * of_y * rest


@helper
def apart(older: "Panel", newer: "Panel", of: int, i: int) -> float:
    """Return how far the mean of x (0) or y (1) in one piece is from that in the other."""
    pivots: float = newer[of, i] - older[of, i]
    means: float = newer[of + 2, i] - older[of + 2, i]
    return pivots + means


@helper
def correlation(xx: float, yy: float, xy: float) -> float:
    """Return Pearson's correlation, kept in [-1, 1] against rounding."""
    # Two roots, not the root of a product: small squares must not underflow.
    value = settled(xy / (math.sqrt(xx) * math.sqrt(yy)))
    # Not min and max: compiled and plain Python differ in what those make of NaN.
    value = 1.0 if value > 1.0 else value  # noqa: FURB136
    return -1.0 if value < -1.0 else value  # noqa: FURB136


@helper
def correlation_of(older: "Panel", newer: "Panel", between: float, i: int) -> float:
    """Return the correlation over both pieces together."""
    of_x, of_y = apart(older, newer, 0, i), apart(older, newer, 1, i)
    return float(
        correlation(
            older[4, i] + newer[4, i] + of_x * of_x * between,
            older[5, i] + newer[5, i] + of_y * of_y * between,
            older[6, i] + newer[6, i] + of_x * of_y * between,
        )
    )


@helper
def push_loose_comoments(x: "Row", y: "Row", state: "Panel", _count: int, _way: int) -> None:
    """Take in the pairs of a bar that are finite on both sides."""
    for i in range(x.shape[0]):
        is_there = x[i] - x[i] == 0.0 and y[i] - y[i] == 0.0
        is_first = is_there and state[7, i] == 0.0
        pivot_x = x[i] if is_first else state[0, i]
        pivot_y = y[i] if is_first else state[1, i]
        of_x = (x[i] - pivot_x) - state[2, i] if is_there else 0.0
        of_y = (y[i] - pivot_y) - state[3, i] if is_there else 0.0
        one = 1.0 if is_there else 0.0
        count = state[7, i] + one
        share = one / max(count, 1.0)
        rest = one - share
        state[0, i], state[1, i] = pivot_x, pivot_y
        state[2, i] += of_x * share
        state[3, i] += of_y * share
        state[4, i] += of_x * of_x * rest
        state[5, i] += of_y * of_y * rest
        state[6, i] += of_x * of_y * rest
        state[7, i] = count


@helper
def answer_loose_cov(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the covariance of the finite pairs where there are enough."""
    for i in range(out.shape[0]):
        count = older[7, i] + newer[7, i]
        between = older[7, i] * newer[7, i] / max(count, 1.0)
        products = apart(older, newer, 0, i) * apart(older, newer, 1, i) * between
        is_enough = count >= need and count > 1.0
        total = older[6, i] + newer[6, i] + products
        out[i] = settled(total / (count - 1.0)) if is_enough else NAN


@helper
def answer_loose_corr(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the correlation of the finite pairs where there are enough."""
    for i in range(out.shape[0]):
        count = older[7, i] + newer[7, i]
        between = older[7, i] * newer[7, i] / max(count, 1.0)
        value = correlation_of(older, newer, between, i)
        out[i] = value if count >= need and count > 1.0 else NAN
