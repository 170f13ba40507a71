"""``zscore(x)``: how far an instrument is from the others."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.rows import deviation_of, offset_of, pivot_of
from ..work import Work


@operator("zscore")
class Zscore(Node):
    """The distance from the mean of the bar's instruments in sample standard deviations (ddof 1).

    NaN where all are equal. Only instruments of the universe with a finite value count.
    """

    x: Node

    axis = Axis.CROSS
    work = Work.RUNNING
    laws = Laws(odd=X, scale_free=X, keeps_order=True)
    example = "zscore(returns(close))"


@kernel(Zscore)
def zscore(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write (x - mean) / deviation."""
    for t in range(x.shape[0]):
        pivot = pivot_of(x[t])
        offset = offset_of(x[t], pivot)
        deviation = deviation_of(x[t], pivot, offset)
        for i in range(x.shape[1]):
            if deviation > 0.0:
                out[t, i] = settled(((x[t, i] - pivot) - offset) / deviation)
