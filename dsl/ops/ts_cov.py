"""``ts_cov(x, y, bars)``: how two series move together over a window."""

from types import MappingProxyType

from ..kernels import Panel, kernel, needed
from ..laws import XY, Laws
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.comoments import LOOSE_COMOMENTS, answer_loose_cov, push_loose_comoments
from ..rolling.comoments_strict import PRODUCTS, push_products, step_cov
from ..rolling.windows import roll
from ..rules import product


@operator("ts_cov")
class TsCov(Node):
    """The sample covariance (ddof 1) of the last ``bars`` bars, this one included.

    NaN where one of them is missing, unless ``min_periods`` of them suffice.
    """

    x: Node
    y: Node
    bars: int
    min_periods: int = 0

    axis = Axis.TIME
    is_commutative = True
    unit = product
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=XY, scaled=XY)
    example = "ts_cov(returns(close), returns(volume), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsCov)
def ts_cov(x: Panel, y: Panel, bars: int, min_periods: int, first_bar: int, out: Panel) -> None:
    """Write the covariance, strict or over what is finite."""
    need = needed(bars, min_periods)
    if need == bars:
        roll_anchored(x, y, bars, first_bar, PRODUCTS, 0.0, 1.0, push_products, step_cov, out)
    else:
        roll(
            x,
            y,
            bars,
            need,
            first_bar,
            LOOSE_COMOMENTS,
            push_loose_comoments,
            answer_loose_cov,
            out,
        )
