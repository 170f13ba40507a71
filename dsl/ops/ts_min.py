"""``ts_min(x, bars)``: the smallest value of a window."""

from ..kernels import Panel, buffer, kernel, needed
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.extremes import LOOSE_HIGHEST, answer_loose_highest, push_loose_highest, turned
from ..rolling.extremes_strict import HIGHEST, LOWEST, push_highest, step_highest
from ..rolling.windows import roll
from ..rules import first_unit


@operator("ts_min")
class TsMin(Node):
    """The smallest of the last ``bars`` bars, this one included.

    NaN where one of them is missing, unless ``min_periods`` of them suffice.
    """

    x: Node
    bars: int
    min_periods: int = 0

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(scaled=X, mirror="ts_max", lags_through=True, plain_at_one_bar=True)
    example = "ts_min(low, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsMin)
def ts_min(x: Panel, bars: int, min_periods: int, first_bar: int, out: Panel) -> None:
    """Write the smallest, strict or of what is finite."""
    need = needed(bars, min_periods)
    if need == bars:
        roll_anchored(x, x, bars, first_bar, HIGHEST, LOWEST, -1.0, push_highest, step_highest, out)
    else:
        clean = buffer(x.shape[0], x.shape[1])
        turned(x, -1.0, clean)
        roll(
            clean,
            clean,
            bars,
            need,
            first_bar,
            LOOSE_HIGHEST,
            push_loose_highest,
            answer_loose_highest,
            out,
        )
        turned(out, -1.0, out)
