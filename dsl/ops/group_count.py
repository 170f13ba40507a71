"""``group_count(group)``: how many belong together."""

from ..kernels import Panel, buffer, integers, kernel
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather, tell
from ..rolling.sorting import DIGIT_SIZE, ROOM


@operator("group_count")
class GroupCount(Node):
    """How many instruments of the universe are in the instrument's group at the bar.

    NaN where the group is missing.
    """

    group: Node

    axis = Axis.CROSS
    group_inputs = frozenset({"group"})
    example = "group_count(bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupCount)
def group_count(group: Panel, _first_bar: int, out: Panel) -> None:
    """Count the members group by group."""
    columns = group.shape[1]
    work, room = buffer(GROUP_ROWS, columns), integers(ROOM, max(columns, DIGIT_SIZE))
    for t in range(group.shape[0]):
        count = gather(group[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            tell(float(stop - start), work[1], start, stop, out[t])
            start = stop
