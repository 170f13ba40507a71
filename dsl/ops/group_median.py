"""``group_median(x, group)``: the middle of an instrument's group."""

from ..kernels import Panel, buffer, integers, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather_ordered, tell
from ..rolling.sorting import DIGIT_SIZE, ROOM
from ..rules import first_unit


@operator("group_median")
class GroupMedian(Node):
    """The median of the instrument's group at the bar; of two middle values, their mean.

    NaN where value or group is missing. Only instruments of the universe count.
    """

    x: Node
    group: Node

    axis = Axis.CROSS
    unit = first_unit
    group_inputs = frozenset({"group"})
    laws = Laws(scaled=X, turns=X)
    example = "group_median(returns, bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupMedian)
def group_median(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Take the members group by group."""
    work, room = buffer(GROUP_ROWS, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    places = work[1]
    for t in range(x.shape[0]):
        count = gather_ordered(x[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            values = work[2, start:stop]
            low, high = values[(stop - start - 1) // 2], values[(stop - start) // 2]
            tell(settled(low + (high - low) / 2.0), places, start, stop, out[t])
            start = stop
