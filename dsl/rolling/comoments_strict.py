"""How two inputs move together over whole windows; see ``anchored``.

Where one input is constant its squares and the products are exactly 0, so that a correlation and a
slope are 0 / 0: missing.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import disjoint, helper, settled
from .anchored import gather
from .moments_strict import spread_of

if TYPE_CHECKING:
    from ..kernels import Panel, Row

PRODUCTS = 3  # sums of differences of x, of y, and of their products
SLOPES = 4  # as above, and squares of y
COMOMENTS = 5  # as above, and squares of x
# A product of squares outside of these has lost digits to underflow, or overflowed.
SMALLEST, LARGEST = 1e-280, 1e280


@disjoint
def push_products(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add a bar."""
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        after[0, i] = before[0, i] + of_x
        after[1, i] = before[1, i] + of_y
        after[2, i] = before[2, i] + of_x * of_y


@disjoint
def push_slopes(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add a bar."""
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        after[0, i] = before[0, i] + of_x
        after[1, i] = before[1, i] + of_y
        after[2, i] = before[2, i] + of_x * of_y
        after[3, i] = before[3, i] + of_y * of_y


@disjoint
def push_comoments_strict(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add a bar."""
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        after[0, i] = before[0, i] + of_x
        after[1, i] = before[1, i] + of_y
        after[2, i] = before[2, i] + of_x * of_y
        after[3, i] = before[3, i] + of_y * of_y
        after[4, i] = before[4, i] + of_x * of_x


@disjoint
def step_cov(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the sample covariance."""
    rest = bars - 1.0
    share = 1.0 / bars
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        sum_x = gather(of_x, 0, i, tail, head)
        sum_y = gather(of_y, 1, i, tail, head)
        xy = gather(of_x * of_y, 2, i, tail, head)
        out[i] = settled((xy - sum_x * sum_y * share) / rest)


@disjoint
def step_beta(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the slope of x on y."""
    share = 1.0 / bars
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        sum_x = gather(of_x, 0, i, tail, head)
        sum_y = gather(of_y, 1, i, tail, head)
        xy = gather(of_x * of_y, 2, i, tail, head)
        yy = gather(of_y * of_y, 3, i, tail, head)
        slope = (xy - sum_x * sum_y * share) / spread_of(yy, sum_y, share)
        out[i] = settled(slope)


@disjoint
def step_alpha(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write what x is where y is 0."""
    share = 1.0 / bars
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        sum_x = gather(of_x, 0, i, tail, head)
        sum_y = gather(of_y, 1, i, tail, head)
        xy = gather(of_x * of_y, 2, i, tail, head)
        yy = gather(of_y * of_y, 3, i, tail, head)
        slope = (xy - sum_x * sum_y * share) / spread_of(yy, sum_y, share)
        level = first_x[i] - slope * first_y[i]
        out[i] = settled(level + (sum_x - slope * sum_y) * share)


@disjoint
def step_residual(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the newest bar's distance from the line."""
    share = 1.0 / bars
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        sum_x = gather(of_x, 0, i, tail, head)
        sum_y = gather(of_y, 1, i, tail, head)
        xy = gather(of_x * of_y, 2, i, tail, head)
        yy = gather(of_y * of_y, 3, i, tail, head)
        slope = (xy - sum_x * sum_y * share) / spread_of(yy, sum_y, share)
        from_y = of_y - sum_y * share
        out[i] = settled((of_x - sum_x * share) - slope * from_y)


@helper
def bounded(value: float) -> float:
    """Keep a correlation in [-1, 1] against rounding; missing stays missing."""
    # Not min and max: compiled and plain Python differ in what those make of NaN.
    value = 1.0 if value > 1.0 else value  # noqa: FURB136
    return -1.0 if value < -1.0 else value  # noqa: FURB136


@disjoint
def step_corr(
    x: "Row",
    y: "Row",
    first_x: "Row",
    first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write Pearson's correlation."""
    far = 0
    share = 1.0 / bars
    for i in range(x.shape[0]):
        of_x, of_y = x[i] - first_x[i], y[i] - first_y[i]
        sum_x = gather(of_x, 0, i, tail, head)
        sum_y = gather(of_y, 1, i, tail, head)
        xy = gather(of_x * of_y, 2, i, tail, head)
        yy = gather(of_y * of_y, 3, i, tail, head)
        xx = gather(of_x * of_x, 4, i, tail, head)
        products = xy - sum_x * sum_y * share
        spread_x, spread_y = spread_of(xx, sum_x, share), spread_of(yy, sum_y, share)
        of_both = spread_x * spread_y
        out[i] = bounded(settled(products / math.sqrt(of_both)))
        far += 1 if (of_both < SMALLEST) | (of_both > LARGEST) else 0
    if far > 0:
        correct_far(tail, head, share, out)


@helper
def correct_far(tail: "Panel", head: "Panel", share: float, out: "Row") -> None:
    """Take two roots where the root of the product of both squares lost digits."""
    for i in range(out.shape[0]):
        sum_x, sum_y = head[0, i] + tail[0, i], head[1, i] + tail[1, i]
        spread_x = spread_of(head[4, i] + tail[4, i], sum_x, share)
        spread_y = spread_of(head[3, i] + tail[3, i], sum_y, share)
        of_both = spread_x * spread_y
        if of_both < SMALLEST or of_both > LARGEST:
            products = (head[2, i] + tail[2, i]) - sum_x * sum_y * share
            value = settled(products / (math.sqrt(spread_x) * math.sqrt(spread_y)))
            out[i] = bounded(value)
