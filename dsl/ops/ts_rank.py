"""``ts_rank(x, bars)``: where a value stands among those of its window."""

from ..kernels import Panel, buffer, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
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
    """Count the smaller and the equal values of each window, one instrument after the other."""
    rows = x.shape[0]
    column = buffer(1, rows)[0]
    for i in range(x.shape[1]):
        missing = 0
        for t in range(rows):
            value = settled(x[t, i])
            column[t] = value
            missing += 1 if value != value else 0  # noqa: PLR0124  # NaN differs from itself.
            if t >= bars and column[t - bars] != column[t - bars]:
                missing -= 1
            if t >= bars - 1 and missing == 0:
                smaller = equal = 0
                for other in column[t - bars + 1 : t + 1]:
                    smaller += 1 if other < value else 0
                    equal += 1 if other == value else 0
                out[t, i] = (smaller + (equal + 1) / 2.0) / bars
