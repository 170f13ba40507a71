"""``returns(x, bars=1)``: the simple return of a price."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator


@operator("returns")
class Returns(Node):
    """The value now over the value ``bars`` bars ago, less 1; funding is not in it.

    NaN where the earlier value is 0.
    """

    x: Node
    bars: int = 1

    axis = Axis.TIME
    laws = Laws(even=X, scale_free=X, lags_through=True)
    example = "returns(close)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars


@kernel(Returns)
def returns(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write the change over what was: small changes keep their digits, unlike in a ratio less 1."""
    for t in range(bars, x.shape[0]):
        for i in range(x.shape[1]):
            before = x[t - bars, i]
            out[t, i] = settled((x[t, i] - before) / before)
