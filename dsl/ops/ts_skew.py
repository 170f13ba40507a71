"""``ts_skew(x, bars)``: how lopsided a window is."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.higher import CUBES, answer_skew, push_cubes
from ..rolling.windows import roll


@operator("ts_skew")
class TsSkew(Node):
    """The skewness of the last ``bars`` bars, corrected for the sample's size, as in pandas.

    NaN where one of the bars is missing, and where the window is constant.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    ranges = MappingProxyType({"bars": (3, BARS_MAX)})
    laws = Laws(odd=X, scale_free=X)
    example = "ts_skew(returns(close), 7d)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsSkew)
def ts_skew(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write it."""
    roll(x, x, bars, bars, first_bar, CUBES, push_cubes, answer_skew, out)
