"""Windows whose bars count by their place: linearly falling weights, and the slope of a line."""

from typing import TYPE_CHECKING

from ..kernels import helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

WEIGHTED = 2  # the sum, the sum of values times their place from the oldest, 1 first
LINE = 3  # a pivot, the mean's distance from it, the sum of (place - mean) * (value - mean)


@helper
def push_weighted(x: "Row", _y: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in; an older one has place 1 and moves all others up by one."""
    for i in range(x.shape[0]):
        state[0, i] += x[i]
        state[1, i] += x[i] * count if way > 0 else state[0, i]


@helper
def answer_decay(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the mean under weights 1, 2, ... from the oldest to the newest."""
    bars = older_bars + newer_bars
    weights = bars * (bars + 1) / 2.0
    for i in range(out.shape[0]):
        out[i] = settled((older[1, i] + (newer[1, i] + newer[0, i] * older_bars)) / weights)


@helper
def push_line(x: "Row", _y: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in, at either end of the places so far."""
    if count == 1:
        state[0] = x
        state[1:] = 0.0
        return
    share = 1.0 / count
    # The new place is count / 2 away from the mean of the others; of that, 1 - share counts.
    place = way * (count - 1) / 2.0
    for i in range(x.shape[0]):
        distance = (x[i] - state[0, i]) - state[1, i]
        state[1, i] += distance * share
        state[2, i] += distance * place


@helper
def answer_slope(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the least-squares slope of the values on their places, per bar."""
    bars = float(older_bars + newer_bars)
    # The mean places of the two pieces are half a window apart.
    between = older_bars * newer_bars / bars * (bars / 2.0)
    squares = bars * (bars * bars - 1.0) / 12.0
    for i in range(out.shape[0]):
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        products = older[2, i] + newer[2, i] + apart * between
        out[i] = settled(products / squares)
