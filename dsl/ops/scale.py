"""``scale(x, gross)``: values that sum up to a given size."""

from types import MappingProxyType

from ..kernels import Panel, kernel, settled
from ..nodes import Axis, Node, operator


@operator("scale")
class Scale(Node):
    """The value times ``gross`` over the sum of the sizes at its bar.

    NaN where all are 0. Only instruments of the universe with a finite value count.
    """

    x: Node
    gross: float = 1.0

    axis = Axis.CROSS
    ranges = MappingProxyType({"gross": (0.0, 1e6)})
    example = "scale(returns(close))"


@kernel(Scale)
def scale(x: Panel, gross: float, _first_bar: int, out: Panel) -> None:
    """Write x * gross / sum of sizes, the sizes taken of the largest: their sum cannot overflow."""
    for t in range(x.shape[0]):
        largest = 0.0
        for i in range(x.shape[1]):
            size = abs(x[t, i])
            if size > largest and size - size == 0.0:
                largest = size
        total = 0.0
        for i in range(x.shape[1]):
            if largest > 0.0 and x[t, i] - x[t, i] == 0.0:
                total += abs(x[t, i] / largest)
        for i in range(x.shape[1]):
            if total > 0.0:
                out[t, i] = settled(settled(x[t, i]) / largest * gross / total)
