"""``ts_argmax(x, bars)``: how many bars ago the largest value of a window was."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.extremes_strict import LOWEST, PLACED, push_newest, step_age
from ..rules import time


@operator("ts_argmax")
class TsArgmax(Node):
    """Bars since the largest of the last ``bars`` values: 0 is this bar.

    Of equal values the most recent counts. NaN where one of the bars is missing.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    laws = Laws(scale_free=X, swaps="ts_argmin", lags_through=True)
    unit = time
    example = "ts_argmax(close, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsArgmax)
def ts_argmax(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the age of the largest."""
    roll_anchored(x, x, bars, first_bar, PLACED, LOWEST, 1.0, push_newest, step_age, out)
