"""``vector_neut(x, y)``: what is left of a value without its part along another."""

from ..kernels import Panel, buffer, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.pairs import PAIR_ROWS, gather_pairs, place_of_largest
from ..rolling.rows import largest_of
from ..rules import first_unit
from ..work import Work


@operator("vector_neut")
class VectorNeut(Node):
    """``x`` less the multiple of ``y`` that is nearest to it at the bar: their product sums to 0.

    NaN where all of ``y`` is 0. Only instruments of the universe with both values count.
    """

    x: Node
    y: Node

    axis = Axis.CROSS
    work = Work.RUNNING
    unit = first_unit
    laws = Laws(odd=X, scaled=X, even=frozenset({"y"}), scale_free=frozenset({"y"}))
    example = "vector_neut(zscore(returns), zscore(ts_std(returns, 7d)))"


@kernel(VectorNeut)
def vector_neut(x: Panel, y: Panel, _first_bar: int, out: Panel) -> None:
    """Take off the pivot's multiple first: what is left is small where levels are high.

    With q = px / py of the pivot, x - q y is (x - px) - q (y - py), of exact distances; the rest
    of the multiple is found from that.
    """
    work = buffer(PAIR_ROWS, x.shape[1])
    for t in range(x.shape[0]):
        count = gather_pairs(x[t], y[t], work)
        left, right, places, rest = work[0], work[1], work[2], work[3]
        largest = largest_of(right[:count])
        if largest == 0.0:
            continue
        pivot = place_of_largest(right, count)
        over = under = 0.0
        for at in range(count):
            share = (right[at] - right[pivot]) / right[pivot]
            rest[at] = (left[at] - left[pivot]) - left[pivot] * share
            over += rest[at] * (right[at] / largest)
            under += (right[at] / largest) * (right[at] / largest)
        for at in range(count):
            out[t, int(places[at])] = settled(rest[at] - over / under * (right[at] / largest))
