"""``kth_element(x, bars, k)``: a recent value, missing bars left out."""

from types import MappingProxyType

from ..kernels import Panel, integers, kernel
from ..laws import Laws, X
from ..nodes import BARS_MAX, Axis, Node, operator
from ..rules import first_unit


@operator("kth_element")
class KthElement(Node):
    """The ``k``-th newest value among the last ``bars`` bars, this one included; 1 is the newest.

    Missing bars do not count. NaN where fewer than ``k`` bars have a value.
    """

    x: Node
    bars: int
    k: int

    axis = Axis.TIME
    unit = first_unit
    ranges = MappingProxyType({"k": (1, BARS_MAX)})
    laws = Laws(odd=X, scaled=X, answers_missing=True)
    example = "kth_element(close, 24h, 2)"

    def __post_init__(self) -> None:
        """Refuse a place beyond the window."""
        if self.k > self.bars:
            raise ValueError(f"`k` is {self.k}, and the window has {self.bars} bars")

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(KthElement)
def kth_element(x: Panel, bars: int, k: int, _first_bar: int, out: Panel) -> None:
    """Keep the rows that have a value, and count back from the newest."""
    rows = x.shape[0]
    there = integers(1, rows)[0]
    for i in range(x.shape[1]):
        count = 0
        for t in range(rows):
            if x[t, i] - x[t, i] == 0.0:
                there[count] = t
                count += 1
            if t >= bars - 1 and count >= k and t - there[count - k] < bars:
                out[t, i] = x[there[count - k], i] + 0.0
