"""``ts_argmax_pos(x, bars)``: at which place of a window the largest value stands."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.extremes_strict import LOWEST, PLACED, push_oldest, step_place
from ..rules import time


@operator("ts_argmax_pos")
class TsArgMaxPos(Node):
    """The place of the largest of the last ``bars`` values: 1 is the oldest bar.

    Of equal values the oldest counts. NaN where one of the bars is missing. ``ts_argmax`` counts
    the other way round, bars ago, and takes the newest of equals.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    laws = Laws(scale_free=X, swaps="ts_argmin_pos", lags_through=True)
    unit = time
    example = "ts_argmax_pos(close, 24h) / 24"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsArgMaxPos)
def ts_argmax_pos(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the place."""
    roll_anchored(x, x, bars, first_bar, PLACED, LOWEST, 1.0, push_oldest, step_place, out)
