"""``ts_argmin_pos(x, bars)``: at which place of a window the smallest value stands."""

from ..kernels import Panel, buffer, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.extremes import PLACED, answer_place, push_earliest, turned
from ..rolling.windows import roll
from ..rules import time


@operator("ts_argmin_pos")
class TsArgMinPos(Node):
    """The place of the smallest of the last ``bars`` values: 1 is the oldest bar.

    Of equal values the oldest counts. NaN where one of the bars is missing. ``ts_argmin`` counts
    the other way round, bars ago, and takes the newest of equals.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    laws = Laws(scale_free=X, swaps="ts_argmax_pos", lags_through=True)
    unit = time
    example = "ts_argmin_pos(close, 24h) / 24"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsArgMinPos)
def ts_argmin_pos(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the place."""
    clean = buffer(x.shape[0], x.shape[1])
    turned(x, -1.0, clean)
    roll(clean, clean, bars, bars, first_bar, PLACED, push_earliest, answer_place, out)
