"""``rank(x)``: where an instrument stands among the others."""

from ..kernels import Panel, buffer, integers, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.ordering import double_ranks
from ..rolling.sorting import DIGIT_SIZE, ROOM


@operator("rank")
class Rank(Node):
    """The rank of each instrument at its bar over their count, in (0, 1]; equals share a rank.

    Only instruments of the universe with a finite value count; the others are NaN.
    """

    x: Node

    axis = Axis.CROSS
    laws = Laws(scale_free=X, turns=X, keeps_order=True, once=True)
    example = "rank(returns(close, 24))"


@kernel(Rank)
def rank(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write rank over count."""
    work, room = buffer(2, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    for t in range(x.shape[0]):
        count = double_ranks(x[t], work, room, out[t])
        for i in range(x.shape[1]):
            out[t, i] /= 2.0 * count
