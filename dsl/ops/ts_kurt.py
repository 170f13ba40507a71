"""``ts_kurt(x, bars)``: how heavy the tails of a window are."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.higher import FOURTHS, answer_kurt, push_fourths
from ..rolling.windows import roll


@operator("ts_kurt")
class TsKurt(Node):
    """The excess kurtosis of the last ``bars`` bars, corrected for the sample's size, as in pandas.

    0 for the normal law. NaN where one of the bars is missing, and where the window is constant.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    ranges = MappingProxyType({"bars": (4, BARS_MAX)})
    laws = Laws(even=X, scale_free=X)
    example = "ts_kurt(returns(close), 7d)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsKurt)
def ts_kurt(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write it."""
    roll(x, x, bars, bars, first_bar, FOURTHS, push_fourths, answer_kurt, out)
