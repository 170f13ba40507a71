"""``beta(x, y, bars)``: how much of ``x`` comes with one of ``y``."""

from types import MappingProxyType

from ....dsl.kernels import Panel, kernel
from ....dsl.laws import XY, Laws, X
from ....dsl.nodes import BARS_MAX, Axis, Node, operator
from ....dsl.rolling.comoments import COMOMENTS, answer_beta, push_comoments
from ....dsl.rolling.windows import roll
from ....dsl.rules import quotient


@operator("beta")
class Beta(Node):
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
    example = "beta(returns(close), market_mean(returns(close)), 168)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(Beta)
def beta(x: Panel, y: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write products over squares of ``y``."""
    roll(x, y, bars, bars, first_bar, COMOMENTS, push_comoments, answer_beta, out)
