"""``ts_alpha(x, y, bars)``: what ``x`` does where ``y`` does nothing."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.comoments_strict import SLOPES, push_slopes, step_alpha
from ..rules import first_unit


@operator("ts_alpha")
class TsAlpha(Node):
    """The level at ``y = 0`` of the least-squares line of ``x`` on ``y`` over ``bars`` bars.

    NaN where one of the bars is missing, and where ``y`` is constant in the window.
    """

    x: Node
    y: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=X, scaled=X, even=frozenset({"y"}), scale_free=frozenset({"y"}))
    example = "ts_alpha(returns(close), returns(volume), 7d)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsAlpha)
def ts_alpha(x: Panel, y: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write it for each window."""
    roll_anchored(x, y, bars, first_bar, SLOPES, 0.0, 1.0, push_slopes, step_alpha, out)
