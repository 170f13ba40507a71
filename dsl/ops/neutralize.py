"""``neutralize(x, group)``: what an instrument has that its group has not."""

from ..kernels import Panel, buffer, integers, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather
from ..rolling.rows import offset_of, pivot_of
from ..rolling.sorting import DIGIT_SIZE, ROOM
from ..rules import first_unit


@operator("neutralize")
class Neutralize(Node):
    """The value less the mean of its group at the bar; a group of one gives 0.

    NaN where value or group is missing. Only instruments of the universe count.
    """

    x: Node
    group: Node

    axis = Axis.CROSS
    unit = first_unit
    group_inputs = frozenset({"group"})
    laws = Laws(odd=X, scaled=X)
    example = "neutralize(rank(close), bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(Neutralize)
def neutralize(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Take the members group by group, and each group's mean off."""
    work, room = buffer(GROUP_ROWS, x.shape[1]), integers(ROOM, max(x.shape[1], DIGIT_SIZE))
    for t in range(x.shape[0]):
        count = gather(x[t], group[t], work, room)
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            values = work[2, start:stop]
            pivot = pivot_of(values)
            offset = offset_of(values, pivot)
            for member in range(start, stop):
                distance = (work[2, member] - pivot) - offset
                out[t, int(work[1, member])] = settled(distance)
            start = stop
