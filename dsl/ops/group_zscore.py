"""``group_zscore(x, group)``: how far an instrument is from its group."""

from ..kernels import Panel, buffer, integers, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather
from ..rolling.rows import deviation_of, offset_of, pivot_of
from ..rolling.sorting import DIGIT_SIZE, ROOM


@operator("group_zscore")
class GroupZscore(Node):
    """The distance from the mean of the group in its sample standard deviations (ddof 1).

    NaN in a group of one or of equals, and where value or group is missing. Only instruments of
    the universe count.
    """

    x: Node
    group: Node

    axis = Axis.CROSS
    group_inputs = frozenset({"group"})
    laws = Laws(odd=X, scale_free=X)
    example = "group_zscore(returns, bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupZscore)
def group_zscore(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Take the members group by group."""
    work, room = buffer(GROUP_ROWS, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    places = work[1]
    for t in range(x.shape[0]):
        count = gather(x[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            values = work[2, start:stop]
            pivot = pivot_of(values)
            offset = offset_of(values, pivot)
            deviation = deviation_of(values, pivot, offset)
            for member in range(start, stop):
                if deviation > 0.0:
                    distance = (work[2, member] - pivot) - offset
                    out[t, int(places[member])] = settled(distance / deviation)
            start = stop
