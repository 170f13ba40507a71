"""``group_scale(x, group)``: where an instrument lies in its group's range."""

from ..kernels import Panel, buffer, integers, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather_ordered
from ..rolling.sorting import DIGIT_SIZE, ROOM


@operator("group_scale")
class GroupScale(Node):
    """Where the value lies between least and highest of its group, from 0 to 1.

    NaN in a group of one or of equals, and where value or group is missing. Only instruments of
    the universe count.
    """

    x: Node
    group: Node

    axis = Axis.CROSS
    group_inputs = frozenset({"group"})
    laws = Laws(scale_free=X, turns=X)
    example = "group_scale(returns, bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupScale)
def group_scale(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Take the members group by group."""
    work, room = buffer(GROUP_ROWS, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    places = work[1]
    for t in range(x.shape[0]):
        count = gather_ordered(x[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            values = work[2, start:stop]
            low, span = values[0], values[stop - start - 1] - values[0]
            for member in range(start, stop):
                if span > 0.0 and span - span == 0.0:
                    out[t, int(places[member])] = settled((work[2, member] - low) / span)
            start = stop
