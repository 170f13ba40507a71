"""``truncate(x, limit)``: no instrument over its share of all."""

from types import MappingProxyType

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.rows import largest_of, sizes_of
from ..rules import first_unit
from ..work import Work


@operator("truncate")
class Truncate(Node):
    """The value, moved so that its size is at most ``limit`` times the sum of the bar's sizes.

    The sum is of the values as they came; what is cut off goes to nobody. Only instruments of
    the universe with a finite value count; the others are NaN.
    """

    x: Node
    limit: float = 0.01

    axis = Axis.CROSS
    work = Work.RUNNING
    unit = first_unit
    ranges = MappingProxyType({"limit": (0.0, 1.0)})
    laws = Laws(odd=X, scaled=X, keeps_order=True)
    example = "truncate(zscore(returns), 0.1)"


@kernel(Truncate)
def truncate(x: Panel, limit: float, _first_bar: int, out: Panel) -> None:
    """Write the value or the bound it passes."""
    for t in range(x.shape[0]):
        largest = largest_of(x[t])
        bound = limit * sizes_of(x[t], largest) * largest
        for i in range(x.shape[1]):
            if x[t, i] - x[t, i] == 0.0:
                out[t, i] = settled(min(max(x[t, i], -bound), bound))
