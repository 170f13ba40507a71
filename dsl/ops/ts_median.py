"""``ts_median(x, bars)``: the middle of a window."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.ordered import roll_quantile
from ..rules import first_unit
from ..work import Work


@operator("ts_median")
class TsMedian(Node):
    """The middle of the last ``bars`` values, the mean of the middle two where ``bars`` is even.

    NaN where one of the bars is missing.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    work = Work.SORTED
    unit = first_unit
    laws = Laws(scaled=X, turns=X, lags_through=True, plain_at_one_bar=True)
    example = "close / ts_median(close, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsMedian)
def ts_median(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write the quantile of one half."""
    roll_quantile(x, bars, 0.5, out)
