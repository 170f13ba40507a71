"""Windows whose bars count by their place: falling weights, and the line through a window."""

from typing import TYPE_CHECKING

from ..kernels import helper, settled
from .comoments import correlation

if TYPE_CHECKING:
    from ..kernels import Panel, Row

FIT = 4  # a pivot, the mean less it, products with the place, squares of deviations
FADING = 3  # the sum of values times weights, the sum of weights, the weight of the next bar


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
def push_fit(x: "Row", y: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in, and its square; a constant piece has squares of exactly 0."""
    rest = 1.0 - 1.0 / count
    if count > 1:
        for i in range(x.shape[0]):
            distance = (x[i] - state[0, i]) - state[1, i]
            state[3, i] += distance * distance * rest
    push_line(x, y, state, count, way)


@helper
def answer_line_fit(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the share of the variance that the line explains."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    places = bars * (bars * bars - 1.0) / 12.0
    for i in range(out.shape[0]):
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        products = older[2, i] + newer[2, i] + apart * (between * (bars / 2.0))
        squares = older[3, i] + newer[3, i] + apart * apart * between
        both = correlation(squares, places, products)
        out[i] = both * both


@helper
def push_fading(x: "Row", factor: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in; a newer one has weight 1 and fades all others, an older one is faded most."""
    for i in range(x.shape[0]):
        weight = 1.0 if count == 1 else state[2, i]
        if way > 0:
            state[0, i] = state[0, i] * factor[i] + x[i]
        else:
            state[0, i] += x[i] * weight
        state[1, i] += weight
        state[2, i] = weight * factor[i]


@helper
def answer_fading(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, _need: int, out: "Row"
) -> None:
    """Write the mean under the fading weights."""
    for i in range(out.shape[0]):
        total = newer[0, i] + newer[2, i] * older[0, i]
        out[i] = settled(total / (newer[1, i] + newer[2, i] * older[1, i]))
