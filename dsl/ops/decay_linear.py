"""``decay_linear(x, bars)``: a mean in which newer bars weigh more."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.anchored import roll_anchored
from ..rolling.lines_strict import WEIGHTED, push_weighted, step_decay
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
    roll_anchored(x, x, bars, first_bar, WEIGHTED, 0.0, 1.0, push_weighted, step_decay, out)
