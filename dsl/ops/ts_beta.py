"""``ts_beta(x, y, bars)``: how much of ``x`` comes with one of ``y``."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import XY, Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rolling.comoments import COMOMENTS, push_comoments
from ..rolling.regressions import answer_beta
from ..rolling.windows import roll
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
    roll(x, y, bars, bars, first_bar, COMOMENTS, push_comoments, answer_beta, out)
