"""``ts_count_nans(x, bars)``: how many bars of a window are missing."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.gaps import roll_count


@operator("ts_count_nans")
class TsCountNans(Node):
    """How many of the last ``bars`` bars have no value, this one included; never missing."""

    x: Node
    bars: int

    axis = Axis.TIME
    laws = Laws(even=X, scale_free=X, answers_missing=True)
    example = "ts_count_nans(close, 7d) < 8 ? returns(close, 7d) : 0"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsCountNans)
def ts_count_nans(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write what is left of the window's length."""
    roll_count(x, bars, out)
    for t in range(bars - 1, x.shape[0]):
        for i in range(x.shape[1]):
            out[t, i] = bars - out[t, i]
