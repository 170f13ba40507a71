"""``group_cross(a, b)``: groups of those who share both of two groups."""

from ..kernels import Panel, buffer, integers, kernel
from ..nodes import Axis, Node, operator
from ..rolling.groups import GROUP_ROWS, end_of, gather_ordered, tell
from ..rolling.sorting import DIGIT_SIZE, ROOM
from ..rules import group


@operator("group_cross")
class GroupCross(Node):
    """A group for each pair of groups that occurs at the bar, counted from 0 in their order.

    NaN where one of the two is missing. The numbers say who belongs together at their bar, and
    nothing across bars.
    """

    a: Node
    b: Node

    axis = Axis.CROSS
    kind = group
    group_inputs = frozenset({"a", "b"})
    example = (
        "neutralize(rank(returns), group_cross(bucket(ts_mean(quote_volume, 24h), 3),"
        " bucket(ts_std(returns, 7d), 3)))"
    )


@kernel(GroupCross)
def group_cross(a: Panel, b: Panel, _first_bar: int, out: Panel) -> None:
    """Sort by the second, then by the first: each run of equal pairs is a group."""
    columns = a.shape[1]
    work, room = buffer(GROUP_ROWS, columns), integers(ROOM, max(columns, DIGIT_SIZE))
    for t in range(a.shape[0]):
        count = gather_ordered(b[t], a[t], work, room)
        code, start = 0.0, 0
        while start < count:
            # A run of the first, cut at the end of a run of the second.
            stop = end_of(work[2], start, end_of(work[0], start, count))
            tell(code, work[1], start, stop, out[t])
            code, start = code + 1.0, stop
