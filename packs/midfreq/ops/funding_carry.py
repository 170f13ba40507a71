"""``funding_carry(rate, bars)``: what funding paid to a long position, per bar."""

from ....dsl.kernels import Panel, kernel, settled
from ....dsl.laws import Laws
from ....dsl.nodes import Axis, Node, operator
from ....dsl.rolling.anchored import roll_anchored
from ....dsl.rolling.sums_strict import SUM, push_sum, step_mean
from ....dsl.rules import first_unit


@operator("funding_carry")
class FundingCarry(Node):
    """Minus the mean rate per bar over the last ``bars`` bars; positive where longs were paid.

    Per bar, not per settlement, so that instruments settled every 1, 4 or 8 hours compare.
    NaN where one of the bars is missing.
    """

    rate: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(odd=frozenset({"rate"}), scaled=frozenset({"rate"}))
    example = "funding_carry(funding_rate, 72)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(FundingCarry)
def funding_carry(rate: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the mean with the other sign."""
    roll_anchored(rate, rate, bars, first_bar, SUM, 0.0, 1.0, push_sum, step_mean, out)
    for t in range(bars - 1, out.shape[0]):
        for i in range(out.shape[1]):
            out[t, i] = settled(-out[t, i])
