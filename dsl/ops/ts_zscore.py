"""``ts_zscore(x, bars)``: how unusual a value is in its window."""

from types import MappingProxyType

from ..kernels import Panel, kernel, needed
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.moments import LOOSE_MOMENTS, answer_loose_zscore, push_loose_moments
from ..rolling.moments_strict import MOMENTS, push_moments, step_zscore
from ..rolling.windows import roll


@operator("ts_zscore")
class TsZscore(Node):
    """The distance from the mean of the last ``bars`` bars, in their sample standard deviations.

    NaN where one of them is missing, unless ``min_periods`` of them suffice.
    NaN where the window is constant.
    """

    x: Node
    bars: int
    min_periods: int = 0

    axis = Axis.TIME
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=X, scale_free=X)
    example = "ts_zscore(close, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsZscore)
def ts_zscore(x: Panel, bars: int, min_periods: int, first_bar: int, out: Panel) -> None:
    """Write the distance, strict or over what is finite."""
    need = needed(bars, min_periods)
    if need == bars:
        roll_anchored(x, x, bars, first_bar, MOMENTS, 0.0, 1.0, push_moments, step_zscore, out)
    else:
        roll(
            x, x, bars, need, first_bar, LOOSE_MOMENTS, push_loose_moments, answer_loose_zscore, out
        )
