"""Deviations of whole windows, counted from the anchor; see ``anchored``."""

import math
from typing import TYPE_CHECKING

from ..kernels import disjoint, helper, settled
from .anchored import gather

if TYPE_CHECKING:
    from ..kernels import Panel, Row

MOMENTS = 2  # sums of differences from the anchor and of their squares


@helper
def spread_of(squares: float, total: float, share: float) -> float:
    """Return the squared deviations from the mean; never below 0, which rounding may go."""
    spread = squares - total * total * share
    return max(spread, 0.0)  # NaN is its first argument, which max keeps, compiled or not.


@disjoint
def push_moments(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    _place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add a bar."""
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        after[0, i] = before[0, i] + apart
        after[1, i] = before[1, i] + apart * apart


@disjoint
def step_var(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the sample variance."""
    share = 1.0 / bars
    rest = bars - 1.0
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        total = gather(apart, 0, i, tail, head)
        spread = spread_of(gather(apart * apart, 1, i, tail, head), total, share)
        out[i] = settled(spread / rest)


@disjoint
def step_std(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the sample standard deviation."""
    share = 1.0 / bars
    rest = bars - 1.0
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        total = gather(apart, 0, i, tail, head)
        spread = spread_of(gather(apart * apart, 1, i, tail, head), total, share)
        out[i] = settled(math.sqrt(spread / rest))


@disjoint
def step_zscore(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write how many standard deviations the newest value is from the mean."""
    share = 1.0 / bars
    rest = bars - 1.0
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        total = gather(apart, 0, i, tail, head)
        spread = spread_of(gather(apart * apart, 1, i, tail, head), total, share)
        out[i] = settled((apart - total * share) / math.sqrt(spread / rest))
