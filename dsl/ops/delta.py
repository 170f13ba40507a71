"""``delta(x, bars)``: how much a series changed."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit


@operator("delta")
class Delta(Node):
    """The value now less the value ``bars`` bars ago, each instrument by itself.

    Example: ``delta(close, 1)`` turns 1, 4, 9 into nan, 3, 5.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(odd=X, scaled=X, lags_through=True)
    example = "delta(close, 24)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars


@kernel(Delta)
def delta(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write x[t] - x[t - bars]."""
    for t in range(bars, x.shape[0]):
        for i in range(x.shape[1]):
            out[t, i] = settled(x[t, i] - x[t - bars, i])
