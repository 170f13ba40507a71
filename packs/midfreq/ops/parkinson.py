"""``parkinson(high, low, bars)``: volatility seen in the range of bars."""

import math

from ....dsl.kernels import NAN, Panel, buffer, kernel, settled
from ....dsl.nodes import Axis, Node, operator
from ....dsl.rolling.anchored import roll_anchored
from ....dsl.rolling.sums_strict import SUM, push_sum, step_mean


@operator("parkinson")
class Parkinson(Node):
    """Parkinson's volatility per bar: the root of the mean squared log range over 4 log 2.

    NaN where one of the ``bars`` bars is missing or has a price that is not positive.
    """

    high: Node
    low: Node
    bars: int

    axis = Axis.TIME
    example = "parkinson(high, low, 168)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(Parkinson)
def parkinson(high: Panel, low: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Average the squares of log ranges, then take the root."""
    squares = buffer(high.shape[0], high.shape[1])
    for t in range(high.shape[0]):
        for i in range(high.shape[1]):
            top, bottom = settled(high[t, i]), settled(low[t, i])
            squares[t, i] = NAN
            if top > 0.0 and bottom > 0.0:
                # Small ranges keep their digits this way.
                reach = math.log1p((top - bottom) / bottom)
                squares[t, i] = reach * reach / (4.0 * math.log(2.0))
    roll_anchored(squares, squares, bars, first_bar, SUM, 0.0, 1.0, push_sum, step_mean, out)
    for t in range(bars - 1, out.shape[0]):
        for i in range(out.shape[1]):
            out[t, i] = math.sqrt(out[t, i])
