"""``group_rank(x, group)``: where an instrument stands in its group."""

from ..kernels import Panel, buffer, integers, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather_ordered, tell
from ..rolling.sorting import DIGIT_SIZE, ROOM


@operator("group_rank")
class GroupRank(Node):
    """The rank of the instrument in its group over their count, in (0, 1]; equals share a rank.

    A group of one gives 1. NaN where value or group is missing. Only instruments of the universe
    count.
    """

    x: Node
    group: Node

    axis = Axis.CROSS
    group_inputs = frozenset({"group"})
    laws = Laws(scale_free=X, turns=X)
    example = "group_rank(returns, bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupRank)
def group_rank(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Take the members group by group."""
    work, room = buffer(GROUP_ROWS, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    places = work[1]
    for t in range(x.shape[0]):
        count = gather_ordered(x[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            same = start
            for at in range(start + 1, stop + 1):
                if at == stop or work[2, at] != work[2, same]:
                    # Ranks same + 1 to at, from the group's start on: first and last over two.
                    mean = (same + 1 + at - 2 * start) / 2.0
                    tell(mean / (stop - start), places, same, at, out[t])
                    same = at
            start = stop
