"""``winsorize(x, limit)``: a value kept within bounds around the others."""

from types import MappingProxyType

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.rows import deviation_of, offset_of, pivot_of
from ..rules import first_unit
from ..work import Work


@operator("winsorize")
class Winsorize(Node):
    """The value, moved to within ``limit`` sample standard deviations of the bar's mean.

    Mean and deviation are of the values as they came. A lone instrument stays as it is.
    """

    x: Node
    limit: float = 4.0

    axis = Axis.CROSS
    work = Work.RUNNING
    unit = first_unit
    ranges = MappingProxyType({"limit": (0.0, 1e6)})
    laws = Laws(odd=X, scaled=X, keeps_order=True)
    example = "winsorize(returns(close), 3)"


@kernel(Winsorize)
def winsorize(x: Panel, limit: float, _first_bar: int, out: Panel) -> None:
    """Write the value or the bound it passes."""
    for t in range(x.shape[0]):
        pivot = pivot_of(x[t])
        offset = offset_of(x[t], pivot)
        reach = limit * deviation_of(x[t], pivot, offset)
        for i in range(x.shape[1]):
            distance = (x[t, i] - pivot) - offset
            if x[t, i] - x[t, i] != 0.0:
                continue
            if distance > reach:
                out[t, i] = settled(pivot + (offset + reach))
            elif distance < -reach:
                out[t, i] = settled(pivot + (offset - reach))
            else:
                out[t, i] = settled(x[t, i])
