"""``ts_rank(x, bars)``: where a value stands among those of its window."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.counting import roll_rank
from ..work import Work


@operator("ts_rank")
class TsRank(Node):
    """The rank of the newest of the last ``bars`` values over ``bars``, in (0, 1]; equals share.

    NaN where one of the bars is missing.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    work = Work.SCAN
    laws = Laws(scale_free=X, turns=X, lags_through=True)
    example = "ts_rank(volume, 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsRank)
def ts_rank(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Write the rank."""
    roll_rank(x, bars, out)
