"""``ts_quantile(x, bars, q)``: a quantile of a window."""

from types import MappingProxyType

from ..kernels import NAN, Panel, buffer, kernel, settled
from ..nodes import Axis, Node, operator
from ..rolling.sorting import insert, remove, replace
from ..rules import first_unit


@operator("ts_quantile")
class TsQuantile(Node):
    """The value below which the share ``q`` of the last ``bars`` values lies, interpolated.

    NaN where one of the bars is missing.
    """

    x: Node
    bars: int
    q: float

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"q": (0.0, 1.0)})
    example = "ts_quantile(close, 24h, 0.8)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsQuantile)
def ts_quantile(x: Panel, bars: int, q: float, _first_bar: int, out: Panel) -> None:
    """Keep each window sorted: one value leaves, one enters."""
    rows = x.shape[0]
    ordered = buffer(1, bars)[0]
    low = int((bars - 1) * q)
    high = min(low + 1, bars - 1)
    share = (bars - 1) * q - low
    for i in range(x.shape[1]):
        count = 0
        for t in range(rows):
            old = settled(x[t - bars, i]) if t >= bars else NAN
            value = settled(x[t, i])
            is_leaving = old == old  # noqa: PLR0124  # NaN differs from itself.
            is_entering = value == value  # noqa: PLR0124
            if is_leaving and is_entering:
                replace(old, value, ordered, count)
            elif is_leaving:
                remove(old, ordered, count)
            elif is_entering:
                insert(value, ordered, count)
            count += (1 if is_entering else 0) - (1 if is_leaving else 0)
            if t >= bars - 1 and count == bars:
                below, above = ordered[low], ordered[high]
                out[t, i] = settled(below + (above - below) * share)
