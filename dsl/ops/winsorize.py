"""``winsorize(x, limit)``: a value kept within bounds around the others."""

from types import MappingProxyType

from ..kernels import NAN, Panel, kernel
from ..nodes import Axis, Node, operator
from ..rolling.rows import deviation_of, mean_of
from ..rules import first_unit


@operator("winsorize")
class Winsorize(Node):
    """The value, moved to within ``limit`` sample standard deviations of the bar's mean.

    Mean and deviation are of the values as they came. A lone instrument stays as it is.
    """

    x: Node
    limit: float = 4.0

    axis = Axis.CROSS
    unit = first_unit
    ranges = MappingProxyType({"limit": (0.0, 1e6)})
    example = "winsorize(returns(close), 3)"


@kernel(Winsorize)
def winsorize(x: Panel, limit: float, _first_bar: int, out: Panel) -> None:
    """Write the value or the bound it passes."""
    for t in range(x.shape[0]):
        mean = mean_of(x[t])
        reach = limit * deviation_of(x[t], mean)
        for i in range(x.shape[1]):
            value = x[t, i]
            if value - mean > reach:
                value = mean + reach
            elif mean - value > reach:
                value = mean - reach
            out[t, i] = value + 0.0 if x[t, i] - x[t, i] == 0.0 else NAN
