"""``ts_slope_r2(x, bars)``: how straight a window is."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.lines import FIT, answer_line_fit, push_fit
from ..rolling.windows import roll


@operator("ts_slope_r2")
class TsSlopeR2(Node):
    """The share of the variance of the last ``bars`` bars that their least-squares line explains.

    In [0, 1]. NaN where one of the bars is missing, and where the window is constant.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(even=X, scale_free=X)
    example = "ts_slope_r2(close, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsSlopeR2)
def ts_slope_r2(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the squared correlation of the values with their places."""
    roll(x, x, bars, bars, first_bar, FIT, push_fit, answer_line_fit, out)
