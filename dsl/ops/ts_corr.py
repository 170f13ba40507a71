"""``ts_corr(x, y, bars)``: the correlation of two series over a window."""

from types import MappingProxyType

from ..kernels import Panel, kernel, needed
from ..laws import XY, Laws
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.comoments import LOOSE_COMOMENTS, answer_loose_corr, push_loose_comoments
from ..rolling.comoments_strict import COMOMENTS, push_comoments_strict, step_corr
from ..rolling.windows import roll


@operator("ts_corr")
class TsCorr(Node):
    """Pearson's correlation, in [-1, 1], of the last ``bars`` bars, this one included.

    NaN where one of them is missing, unless ``min_periods`` of them suffice.
    NaN where one input is constant in the window.
    """

    x: Node
    y: Node
    bars: int
    min_periods: int = 0

    axis = Axis.TIME
    is_commutative = True
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=XY, scale_free=XY)
    example = "ts_corr(close, volume, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsCorr)
def ts_corr(x: Panel, y: Panel, bars: int, min_periods: int, first_bar: int, out: Panel) -> None:
    """Write the correlation, strict or over what is finite."""
    need = needed(bars, min_periods)
    if need == bars:
        roll_anchored(
            x, y, bars, first_bar, COMOMENTS, 0.0, 1.0, push_comoments_strict, step_corr, out
        )
    else:
        roll(
            x,
            y,
            bars,
            need,
            first_bar,
            LOOSE_COMOMENTS,
            push_loose_comoments,
            answer_loose_corr,
            out,
        )
