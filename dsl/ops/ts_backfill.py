"""``ts_backfill(x, bars)``: the last value that is there."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit


@operator("ts_backfill")
class TsBackfill(Node):
    """The newest value among the last ``bars`` bars, this one included; NaN where there is none."""

    x: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(odd=X, scaled=X, plain_at_one_bar=True, answers_missing=True)
    example = "ts_backfill(funding_rate, 8h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsBackfill)
def ts_backfill(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Remember the row of the newest value."""
    for i in range(x.shape[1]):
        newest = -bars
        for t in range(x.shape[0]):
            if x[t, i] - x[t, i] == 0.0:
                newest = t
            if t >= bars - 1 and t - newest < bars:
                out[t, i] = x[newest, i] + 0.0
