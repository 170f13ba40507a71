"""``market_mean(x)``: what the universe did."""

from ..kernels import NAN, Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.rows import offset_of, pivot_of
from ..rules import cross_section, first_unit


@operator("market_mean")
class MarketMean(Node):
    """The mean over the bar's instruments, given to each of them: an equal-weighted market.

    Only instruments of the universe with a finite value count, and get it.
    """

    x: Node

    axis = Axis.CROSS
    kind = cross_section
    unit = first_unit
    laws = Laws(odd=X, scaled=X, once=True)
    example = "returns(close) - market_mean(returns(close))"


@kernel(MarketMean)
def market_mean(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write the row's mean where there is a value."""
    for t in range(x.shape[0]):
        pivot = pivot_of(x[t])
        mean = settled(pivot + offset_of(x[t], pivot))
        for i in range(x.shape[1]):
            out[t, i] = mean if x[t, i] - x[t, i] == 0.0 else NAN
