"""``ts_r2(x, y, bars)``: how much of ``x`` a line on ``y`` explains."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import XY, Laws
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.comoments import COMOMENTS, push_comoments
from ..rolling.regressions import answer_fit
from ..rolling.windows import roll


@operator("ts_r2")
class TsR2(Node):
    """The share of the variance of ``x`` that its least-squares line on ``y`` explains, in [0, 1].

    NaN where one of the bars is missing, and where ``x`` or ``y`` is constant in the window.
    """

    x: Node
    y: Node
    bars: int

    axis = Axis.TIME
    is_commutative = True
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(even=XY, scale_free=XY)
    example = "ts_r2(returns(close), returns(volume), 7d)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsR2)
def ts_r2(x: Panel, y: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write it for each window."""
    roll(x, y, bars, bars, first_bar, COMOMENTS, push_comoments, answer_fit, out)
