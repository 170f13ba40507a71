"""``normalize(x)``: a value less that of all."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.rows import offset_of, pivot_of
from ..rules import first_unit
from ..work import Work


@operator("normalize")
class Normalize(Node):
    """The value less the mean of the bar's instruments; a lone instrument gives 0.

    Only instruments of the universe with a finite value count; the others are NaN.
    """

    x: Node

    axis = Axis.CROSS
    work = Work.RUNNING
    unit = first_unit
    laws = Laws(odd=X, scaled=X, keeps_order=True)
    example = "normalize(returns(close, 24h))"


@kernel(Normalize)
def normalize(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write x - mean."""
    for t in range(x.shape[0]):
        pivot = pivot_of(x[t])
        offset = offset_of(x[t], pivot)
        for i in range(x.shape[1]):
            out[t, i] = settled((x[t, i] - pivot) - offset)
