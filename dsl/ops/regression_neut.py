"""``regression_neut(x, y)``: what is left of a value that another does not explain."""

from ..kernels import Panel, buffer, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.pairs import PAIR_ROWS, gather_pairs
from ..rolling.rows import largest_of, offset_of, pivot_of
from ..rules import first_unit
from ..work import Work


@operator("regression_neut")
class RegressionNeut(Node):
    """The residual of ``x`` on ``y`` and a constant, by least squares over the bar's instruments.

    NaN where all of ``y`` are equal. Only instruments of the universe with both values count.
    """

    x: Node
    y: Node

    axis = Axis.CROSS
    work = Work.RUNNING
    unit = first_unit
    laws = Laws(odd=X, scaled=X, even=frozenset({"y"}), scale_free=frozenset({"y"}))
    example = "regression_neut(rank(returns), rank(ts_std(returns, 7d)))"


@kernel(RegressionNeut)
def regression_neut(x: Panel, y: Panel, _first_bar: int, out: Panel) -> None:
    """Take off means, then the multiple of ``y`` in units of its largest distance."""
    work = buffer(PAIR_ROWS, x.shape[1])
    for t in range(x.shape[0]):
        count = gather_pairs(x[t], y[t], work)
        left, right, places = work[0], work[1], work[2]
        pivot, across = pivot_of(left[:count]), pivot_of(right[:count])
        offset, shift = offset_of(left[:count], pivot), offset_of(right[:count], across)
        for at in range(count):
            left[at] = (left[at] - pivot) - offset
            right[at] = (right[at] - across) - shift
        largest = largest_of(right[:count])
        over = under = 0.0
        for at in range(count):
            over += left[at] * (right[at] / largest)
            under += (right[at] / largest) * (right[at] / largest)
        for at in range(count):
            if largest > 0.0:
                value = left[at] - over / under * (right[at] / largest)
                out[t, int(places[at])] = settled(value)
