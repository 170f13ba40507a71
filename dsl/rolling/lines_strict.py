"""Falling weights and the line through whole windows; see ``anchored``."""

from typing import TYPE_CHECKING

from ..kernels import disjoint, settled
from .anchored import gather

if TYPE_CHECKING:
    from ..kernels import Panel, Row

WEIGHTED = 2  # the sum, the sum of values times their place from the oldest, 1 first
LINE = 2  # sums of differences from the anchor, and of these times their place from it


@disjoint
def push_weighted(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    _place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add an older bar: it has place 1 and moves all others up by one."""
    for i in range(x.shape[0]):
        total = before[0, i] + x[i]
        after[0, i] = total
        after[1, i] = before[1, i] + total


@disjoint
def step_decay(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the mean under weights 1, 2, ... from the oldest to the newest."""
    count = place + 1.0
    older = bars - count
    weights = bars * (bars + 1.0) / 2.0
    for i in range(x.shape[0]):
        total, weighted = head[0, i] + x[i], head[1, i] + x[i] * count
        head[0, i], head[1, i] = total, weighted
        out[i] = settled((tail[1, i] + (weighted + total * older)) / weights)


@disjoint
def push_line(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add a bar."""
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        after[0, i] = before[0, i] + apart
        after[1, i] = before[1, i] + apart * place


@disjoint
def step_slope(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the least-squares slope of the values on their places, per bar."""
    middle = place - (bars - 1.0) / 2.0
    squares = bars * (bars * bars - 1.0) / 12.0
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        total = gather(apart, 0, i, tail, head)
        slope = (gather(apart * place, 1, i, tail, head) - middle * total) / squares
        out[i] = settled(slope)


@disjoint
def step_from_line(
    x: "Row",
    _y: "Row",
    first_x: "Row",
    _first_y: "Row",
    place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write how far the newest value is from the line."""
    from_middle = (bars - 1.0) / 2.0
    share = 1.0 / bars
    middle = place - (bars - 1.0) / 2.0
    squares = bars * (bars * bars - 1.0) / 12.0
    for i in range(x.shape[0]):
        apart = x[i] - first_x[i]
        total = gather(apart, 0, i, tail, head)
        slope = (gather(apart * place, 1, i, tail, head) - middle * total) / squares
        out[i] = settled((apart - total * share) - slope * from_middle)
