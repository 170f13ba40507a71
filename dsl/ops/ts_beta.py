"""``ts_beta(x, y, bars)``: how much of ``x`` comes with one of ``y``."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import XY, Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.comoments_strict import SLOPES, push_slopes, step_beta
from ..rules import quotient


@operator("ts_beta")
class TsBeta(Node):
    """The least-squares slope of ``x`` on ``y`` over the last ``bars`` bars.

    NaN where one of the bars is missing, and where ``y`` is constant in the window.
    """

    x: Node
    y: Node
    bars: int

    axis = Axis.TIME
    unit = quotient
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=XY, scaled=X)
    example = "ts_beta(returns(close), returns(volume), 7d)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsBeta)
def ts_beta(x: Panel, y: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write it for each window."""
    roll_anchored(x, y, bars, first_bar, SLOPES, 0.0, 1.0, push_slopes, step_beta, out)
