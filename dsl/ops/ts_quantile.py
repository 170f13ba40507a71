"""``ts_quantile(x, bars, q)``: a quantile of a window."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.ordered import roll_quantile
from ..rules import first_unit
from ..work import Work


@operator("ts_quantile")
class TsQuantile(Node):
    """The value below which the share ``q`` of the last ``bars`` values lies, interpolated.

    NaN where one of the bars is missing.
    """

    x: Node
    bars: int
    q: float

    axis = Axis.TIME
    work = Work.SORTED
    unit = first_unit
    ranges = MappingProxyType({"q": (0.0, 1.0)})
    laws = Laws(scaled=X, lags_through=True, plain_at_one_bar=True)
    example = "ts_quantile(close, 24h, 0.8)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsQuantile)
def ts_quantile(x: Panel, bars: int, q: float, _first_bar: int, out: Panel) -> None:
    """Write the quantile."""
    roll_quantile(x, bars, q, out)
