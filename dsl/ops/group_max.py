"""``group_max(x, group)``: the highest of an instrument's group."""

from ..kernels import Panel, buffer, integers, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather_ordered, tell
from ..rolling.sorting import DIGIT_SIZE, ROOM
from ..rules import first_unit


@operator("group_max")
class GroupMax(Node):
    """The highest value of the instrument's group at the bar.

    NaN where value or group is missing. Only instruments of the universe count.
    """

    x: Node
    group: Node

    axis = Axis.CROSS
    unit = first_unit
    group_inputs = frozenset({"group"})
    laws = Laws(scaled=X, mirror="group_min")
    example = "group_max(returns, bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupMax)
def group_max(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Take the members group by group."""
    work, room = buffer(GROUP_ROWS, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    places = work[1]
    for t in range(x.shape[0]):
        count = gather_ordered(x[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            values = work[2, start:stop]
            tell(values[stop - start - 1], places, start, stop, out[t])
            start = stop
