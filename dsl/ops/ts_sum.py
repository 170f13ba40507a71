"""``ts_sum(x, bars)``: the sum of a window."""

from ..kernels import Panel, kernel, needed
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.sums import LOOSE_SUM, answer_loose_sum, push_loose_sum
from ..rolling.sums_strict import SUM, push_sum, step_sum
from ..rolling.windows import roll
from ..rules import first_unit


@operator("ts_sum")
class TsSum(Node):
    """The sum of the last ``bars`` bars, this one included.

    NaN where one of them is missing, unless ``min_periods`` of them suffice.
    """

    x: Node
    bars: int
    min_periods: int = 0

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(odd=X, scaled=X, plain_at_one_bar=True)
    example = "ts_sum(returns(close), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsSum)
def ts_sum(x: Panel, bars: int, min_periods: int, first_bar: int, out: Panel) -> None:
    """Write the sum, strict or over what is finite."""
    need = needed(bars, min_periods)
    if need == bars:
        roll_anchored(x, x, bars, first_bar, SUM, 0.0, 1.0, push_sum, step_sum, out)
    else:
        roll(x, x, bars, need, first_bar, LOOSE_SUM, push_loose_sum, answer_loose_sum, out)
