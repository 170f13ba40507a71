"""``decay_linear(x, bars)``: a mean in which newer bars weigh more."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.lines import WEIGHTED, answer_decay, push_weighted
from ..rolling.windows import roll
from ..rules import first_unit


@operator("decay_linear")
class DecayLinear(Node):
    """The mean under weights ``bars, bars - 1, ..., 1`` from the newest bar to the oldest.

    NaN where one of the bars is missing.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(odd=X, scaled=X, plain_at_one_bar=True)
    example = "decay_linear(returns(close), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(DecayLinear)
def decay_linear(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write the weighted mean."""
    roll(x, x, bars, bars, first_bar, WEIGHTED, push_weighted, answer_decay, out)
