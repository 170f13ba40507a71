"""``last_diff_value(x, bars)``: what a value was before it became what it is."""

from types import MappingProxyType

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rules import first_unit


@operator("last_diff_value")
class LastDiffValue(Node):
    """The newest of the last ``bars`` values that differs from this bar's.

    NaN where one of the bars is missing, and where all are equal.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"bars": (2, BARS_MAX)})
    laws = Laws(odd=X, scaled=X)
    example = "last_diff_value(funding_rate, 7d)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(LastDiffValue)
def last_diff_value(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Remember the rows of the newest gap and of the newest other value."""
    for i in range(x.shape[1]):
        gap = other = -1
        for t in range(x.shape[0]):
            if x[t, i] - x[t, i] != 0.0:
                gap = t
            elif t > 0 and x[t - 1, i] != x[t, i]:
                other = t - 1
            start = t - bars + 1
            if start >= 0 and gap < start and other >= start:
                out[t, i] = x[other, i] + 0.0
