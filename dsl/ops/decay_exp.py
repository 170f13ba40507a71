"""``decay_exp(x, bars, factor)``: a mean in which each older bar weighs less by a factor."""

from types import MappingProxyType

from ..kernels import Panel, buffer, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.lines import FADING, answer_fading, push_fading
from ..rolling.windows import roll
from ..rules import first_unit


@operator("decay_exp")
class DecayExp(Node):
    """The mean under weights 1, ``factor``, ``factor ^ 2``, ... from the newest bar to the oldest.

    NaN where one of the last ``bars`` bars is missing.
    """

    x: Node
    bars: int
    factor: float = 0.5

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"factor": (0.0, 1.0)})
    laws = Laws(odd=X, scaled=X, plain_at_one_bar=True)
    example = "decay_exp(returns(close), 24h, 0.9)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(DecayExp)
def decay_exp(x: Panel, bars: int, factor: float, first_bar: int, out: Panel) -> None:
    """Write the weighted mean; the walk takes the factor as a second input."""
    factors = buffer(x.shape[0], x.shape[1])
    factors[:] = factor
    roll(x, factors, bars, bars, first_bar, FADING, push_fading, answer_fading, out)
