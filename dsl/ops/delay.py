"""``delay(x, bars)``: what a series was."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit, same_kind_as


@operator("delay")
class Delay(Node):
    """The value ``bars`` bars ago, each instrument by itself."""

    x: Node
    bars: int

    axis = Axis.TIME
    kind = same_kind_as("x")
    unit = first_unit
    laws = Laws(odd=X, scaled=X)
    example = "delay(close, 1)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars


@kernel(Delay)
def delay(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write x[t - bars]."""
    for t in range(bars, x.shape[0]):
        for i in range(x.shape[1]):
            out[t, i] = settled(x[t - bars, i])
