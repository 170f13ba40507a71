"""``group_weighted_mean(x, weight, group)``: the weighted mean of an instrument's group."""

from ..kernels import NAN, Panel, buffer, integers, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather, tell
from ..rolling.rows import largest_of
from ..rolling.sorting import DIGIT_SIZE, ROOM
from ..rules import first_unit


@operator("group_weighted_mean")
class GroupWeightedMean(Node):
    """The mean of the group's values, each counted by its weight.

    Whoever has a negative weight, or lacks value, weight or group, does not count and is NaN; so
    is a group whose weights are all 0. Only instruments of the universe count.
    """

    x: Node
    weight: Node
    group: Node

    axis = Axis.CROSS
    unit = first_unit
    group_inputs = frozenset({"group"})
    laws = Laws(odd=X, scaled=X, scale_free=frozenset({"weight"}))
    example = "group_weighted_mean(returns, quote_volume, bucket(ts_mean(quote_volume, 24h), 5))"


@kernel(GroupWeightedMean)
def group_weighted_mean(x: Panel, weight: Panel, group: Panel, _first_bar: int, out: Panel) -> None:
    """Weigh the distances from the group's first value, each weight taken of the largest."""
    columns = x.shape[1]
    work, room = buffer(GROUP_ROWS, columns), integers(ROOM, max(columns, DIGIT_SIZE))
    places, weights, valid = work[1], work[3], buffer(1, columns)
    for t in range(x.shape[0]):
        for i in range(columns):
            is_counted = weight[t, i] >= 0.0 and weight[t, i] - weight[t, i] == 0.0
            valid[0, i] = x[t, i] if is_counted else NAN
        count = gather(valid[0], group[t], work, room)
        for at in range(count):
            weights[at] = weight[t, int(places[at])]
        start = 0
        while start < count:
            stop = end_of(work[0], start, count)
            largest = largest_of(weights[start:stop])
            pivot = work[2, start]
            total = under = 0.0
            for member in range(start, stop):
                total += (work[2, member] - pivot) * (weights[member] / largest)
                under += weights[member] / largest
            if largest > 0.0:
                tell(settled(pivot + total / under), places, start, stop, out[t])
            start = stop
