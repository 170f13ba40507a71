"""``residual(x, y, bars)``: what ``x`` did beyond what ``y`` explains."""

from types import MappingProxyType
from typing import TYPE_CHECKING

from ....dsl.kernels import Panel, helper, kernel, settled
from ....dsl.laws import Laws, X
from ....dsl.nodes import BARS_MAX, Axis, Node, operator
from ....dsl.rolling.comoments import COMOMENTS, apart, push_comoments
from ....dsl.rolling.windows import roll
from ....dsl.rules import first_unit

if TYPE_CHECKING:
    from ....dsl.kernels import Row

WITH_NEWEST = COMOMENTS + 1  # and the newest value of y


@operator("residual")
class Residual(Node):
    """The newest ``x`` less the least-squares line of ``x`` on ``y`` over the last ``bars`` bars.

    NaN where one of the bars is missing, and where ``y`` is constant in the window.
    """

    x: Node
    y: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=X, scaled=X, even=frozenset({"y"}), scale_free=frozenset({"y"}))
    example = "residual(returns(close), market_mean(returns(close)), 168)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(Residual)
def residual(x: Panel, y: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the newest bar's distance from the line."""
    roll(x, y, bars, bars, first_bar, WITH_NEWEST, push_with_newest, answer_residual, out)


@helper
def push_with_newest(x: "Row", y: "Row", state: "Panel", count: int, way: int) -> None:
    """Take a bar in and remember its ``y``: heads grow forward, so theirs is the newest."""
    push_comoments(x, y, state, count, way)
    for i in range(x.shape[0]):
        state[COMOMENTS, i] = y[i]


@helper
def answer_residual(
    x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Join both pieces and write what is left."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    share = older_bars / bars
    for i in range(out.shape[0]):
        of_x, of_y = apart(older, newer, 0, i), apart(older, newer, 1, i)
        squares = older[5, i] + newer[5, i] + of_y * of_y * between
        products = older[6, i] + newer[6, i] + of_x * of_y * between
        from_x = (x[i] - newer[0, i]) - (newer[2, i] - of_x * share)
        from_y = (newer[COMOMENTS, i] - newer[1, i]) - (newer[3, i] - of_y * share)
        out[i] = settled(from_x - products / squares * from_y)
