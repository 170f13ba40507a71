"""Third and fourth moments of a window, gathered and joined as the squares are; see ``moments``.

The recursions are those of Terriberry (2007) and Pebay (2008). A constant window has squares of
exactly 0, and its skewness and kurtosis are 0 / 0: missing.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import helper, settled
from .moments import squares_of

if TYPE_CHECKING:
    from ..kernels import Panel, Row

CUBES = 4  # the pivot, the mean's distance from it, sums of squared and cubed deviations
FOURTHS = 5  # as above, and the sum of fourth powers


@helper
def push_cubes(x: "Row", _y: "Row", state: "Panel", count: int, _way: int) -> None:
    """Take a bar in; NaN stays."""
    if count == 1:
        state[0] = x
        state[1:] = 0.0
        return
    bars = float(count)
    share = 1.0 / bars
    rest = 1.0 - share
    for i in range(x.shape[0]):
        distance = (x[i] - state[0, i]) - state[1, i]
        step = distance * share
        square = distance * distance * rest
        state[1, i] += step
        state[3, i] += step * (square * (bars - 2.0) - 3.0 * state[2, i])
        state[2, i] += square


@helper
def push_fourths(x: "Row", y: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in; the fourth powers need the sums as they were before."""
    bars = float(count)
    share = 1.0 / bars
    rest = 1.0 - share
    growth = bars * bars - 3.0 * bars + 3.0
    if count > 1:
        for i in range(x.shape[0]):
            distance = (x[i] - state[0, i]) - state[1, i]
            step = distance * share
            square = distance * distance * rest
            squares = step * (square * growth + 6.0 * state[2, i])
            state[4, i] += step * (squares - 4.0 * state[3, i])
    push_cubes(x, y, state, count, way)


@helper
def answer_skew(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the skewness, corrected for the size of the sample."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    tilt = (older_bars - newer_bars) / bars
    correction = bars * math.sqrt(bars - 1.0) / (bars - 2.0)
    for i in range(out.shape[0]):
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        across = (older_bars * newer[2, i] - newer_bars * older[2, i]) / bars
        cubes = older[3, i] + newer[3, i] + apart * (apart * apart * between * tilt + 3.0 * across)
        squares = squares_of(older, newer, apart, between, i)
        out[i] = settled(correction * (cubes / squares) / math.sqrt(squares))


@helper
def answer_kurt(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the kurtosis above that of the normal law, corrected for the size of the sample."""
    bars = float(older_bars + newer_bars)
    a, b = older_bars / bars, newer_bars / bars
    between = older_bars * b
    correction = (bars - 1.0) / ((bars - 2.0) * (bars - 3.0))
    for i in range(out.shape[0]):
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        cubed = a * newer[3, i] - b * older[3, i]
        squared = a * a * newer[2, i] + b * b * older[2, i]
        joined = apart * apart * between * (a * a - a * b + b * b) + 6.0 * squared
        fourths = older[4, i] + newer[4, i] + apart * (apart * joined + 4.0 * cubed)
        squares = squares_of(older, newer, apart, between, i)
        shape = bars * (bars + 1.0) * (fourths / squares) / squares
        out[i] = settled(correction * (shape - 3.0 * (bars - 1.0)))
