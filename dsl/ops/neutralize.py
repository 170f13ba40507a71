"""``neutralize(x, group)``: what an instrument has that its group has not."""

from ..kernels import Panel, buffer, integers, kernel, settled
from ..nodes import Axis, Node, operator
from ..rolling.rows import offset_of, pivot_of
from ..rolling.sorting import DIGIT_SIZE, ROOM, sort_pairs
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
    example = "neutralize(rank(close), bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(Neutralize)
def neutralize(x: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Sort the members by group, keeping their order, and take each group's mean off."""
    columns = x.shape[1]
    work, room = buffer(3, columns), integers(ROOM, max(columns, DIGIT_SIZE))
    groups, places, values = work[0], work[1], work[2]
    for t in range(x.shape[0]):
        count = 0
        for i in range(columns):
            if x[t, i] - x[t, i] == 0.0 and group[t, i] - group[t, i] == 0.0:
                groups[count], places[count] = group[t, i], i
                count += 1
        sort_pairs(groups, places, count, room)
        for at in range(count):
            values[at] = x[t, int(places[at])]
        start = 0
        for at in range(1, count + 1):
            if at == count or groups[at] != groups[start]:
                pivot = pivot_of(values[start:at])
                offset = offset_of(values[start:at], pivot)
                for member in range(start, at):
                    out[t, int(places[member])] = settled((values[member] - pivot) - offset)
                start = at
