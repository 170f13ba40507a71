"""``scale(x, gross)``: values that sum up to a given size."""

from types import MappingProxyType

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.rows import largest_of, sizes_of
from ..work import Work


@operator("scale")
class Scale(Node):
    """The value times ``gross`` over the sum of the sizes at its bar.

    NaN where all are 0. Only instruments of the universe with a finite value count.
    """

    x: Node
    gross: float = 1.0

    axis = Axis.CROSS
    work = Work.RUNNING
    ranges = MappingProxyType({"gross": (0.0, 1e6)})
    laws = Laws(odd=X, scale_free=X, keeps_order=True)
    example = "scale(returns(close))"


@kernel(Scale)
def scale(x: Panel, gross: float, _first_bar: int, out: Panel) -> None:
    """Write x * gross / sum of sizes, the sizes taken of the largest: their sum cannot overflow."""
    for t in range(x.shape[0]):
        largest = largest_of(x[t])
        total = sizes_of(x[t], largest)
        for i in range(x.shape[1]):
            if total > 0.0:
                out[t, i] = settled(settled(x[t, i]) / largest * gross / total)
