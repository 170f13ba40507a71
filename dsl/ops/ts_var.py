"""``ts_var(x, bars)``: the variance of a window."""

from types import MappingProxyType

from ..kernels import Panel, kernel, needed
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.moments import LOOSE_MOMENTS, answer_loose_var, push_loose_moments
from ..rolling.moments_strict import MOMENTS, push_moments, step_var
from ..rolling.windows import roll
from ..rules import square


@operator("ts_var")
class TsVar(Node):
    """The sample variance (ddof 1) of the last ``bars`` bars, this one included.

    NaN where one of them is missing, unless ``min_periods`` of them suffice. Exactly 0 where the
    window is constant.
    """

    x: Node
    bars: int
    min_periods: int = 0

    axis = Axis.TIME
    unit = square
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(even=X)
    example = "ts_var(returns(close), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsVar)
def ts_var(x: Panel, bars: int, min_periods: int, first_bar: int, out: Panel) -> None:
    """Write the variance, strict or over what is finite."""
    need = needed(bars, min_periods)
    if need == bars:
        roll_anchored(x, x, bars, first_bar, MOMENTS, 0.0, 1.0, push_moments, step_var, out)
    else:
        roll(x, x, bars, need, first_bar, LOOSE_MOMENTS, push_loose_moments, answer_loose_var, out)
