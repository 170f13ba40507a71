"""``beta(x, y, bars)``: how much of ``x`` comes with one of ``y``."""

from types import MappingProxyType
from typing import TYPE_CHECKING

from ....dsl.kernels import Panel, helper, kernel, settled
from ....dsl.nodes import BARS_MAX, Axis, Node, operator
from ....dsl.rolling.comoments import COMOMENTS, push_comoments
from ....dsl.rolling.windows import roll
from ....dsl.rules import quotient

if TYPE_CHECKING:
    from ....dsl.kernels import Row


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
    example = "beta(returns(close), market_mean(returns(close)), 168)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(Beta)
def beta(x: Panel, y: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write products over squares of ``y``."""
    roll(x, y, bars, bars, first_bar, COMOMENTS, push_comoments, answer_beta, out)


@helper
def answer_beta(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Join both pieces and write the slope."""
    between = older_bars * newer_bars / float(older_bars + newer_bars)
    for i in range(out.shape[0]):
        of_x, of_y = newer[0, i] - older[0, i], newer[1, i] - older[1, i]
        squares = older[3, i] + newer[3, i] + of_y * of_y * between
        products = older[4, i] + newer[4, i] + of_x * of_y * between
        out[i] = settled(products / squares)
