"""``ts_count_finite(x, bars)``: how many bars of a window are there."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.gaps import roll_count


@operator("ts_count_finite")
class TsCountFinite(Node):
    """How many of the last ``bars`` bars have a value, this one included; never missing."""

    x: Node
    bars: int

    axis = Axis.TIME
    laws = Laws(even=X, scale_free=X, answers_missing=True)
    example = "ts_count_finite(close, 7d) / 168"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsCountFinite)
def ts_count_finite(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write the count."""
    roll_count(x, bars, out)
