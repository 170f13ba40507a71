"""``bucket(x, count)``: groups of about equal size, by rank."""

from types import MappingProxyType

from ..kernels import Panel, buffer, integers, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.ordering import double_ranks
from ..rolling.sorting import DIGIT_SIZE, ROOM
from ..rules import group


@operator("bucket")
class Bucket(Node):
    """The group, 0 for the lowest to ``count - 1``, of each instrument by its rank at the bar.

    Equal values are in one group. Point in time: the groups of a bar know that bar alone.
    """

    x: Node
    count: int

    axis = Axis.CROSS
    kind = group
    ranges = MappingProxyType({"count": (2, 1000)})
    laws = Laws(scale_free=X)
    example = "neutralize(rank(close), bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(Bucket)
def bucket(x: Panel, count: int, _first_bar: int, out: Panel) -> None:
    """Write the group; whole numbers decide, so that no rounding moves a border."""
    work, room = buffer(2, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    for t in range(x.shape[0]):
        members = double_ranks(x[t], work, room, out[t])
        for i in range(x.shape[1]):
            if out[t, i] > 0.0:
                out[t, i] = (int(out[t, i]) * count + 2 * members - 1) // (2 * members) - 1
