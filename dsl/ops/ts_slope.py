"""``ts_slope(x, bars)``: the trend of a window."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.lines_strict import LINE, push_line, step_slope
from ..rules import first_unit


@operator("ts_slope")
class TsSlope(Node):
    """The slope, per bar, of the least-squares line through the last ``bars`` bars.

    NaN where one of the bars is missing.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=X, scaled=X)
    example = "ts_slope(close, 24h) / close"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsSlope)
def ts_slope(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the slope."""
    roll_anchored(x, x, bars, first_bar, LINE, 0.0, 1.0, push_line, step_slope, out)
