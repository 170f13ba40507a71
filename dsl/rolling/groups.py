"""The members of a row, group by group.

``work`` has ``GROUP_ROWS`` rows: groups in order, the members' places, their values, and one to
work in.
"""

from typing import TYPE_CHECKING

from ..kernels import helper
from .sorting import sort_pairs

if TYPE_CHECKING:
    from ..kernels import Integers, Panel, Row

GROUP_ROWS = 4


@helper
def gather(x: "Row", group: "Row", work: "Panel", room: "Integers") -> int:
    """Collect who has a value and a group, by group and then by place; return how many."""
    groups, places, values = work[0], work[1], work[2]
    count = 0
    for i in range(x.shape[0]):
        if x[i] - x[i] == 0.0 and group[i] - group[i] == 0.0:
            groups[count], places[count] = group[i], i
            count += 1
    sort_pairs(groups, places, count, room)
    for at in range(count):
        values[at] = x[int(places[at])]
    return count


@helper
def gather_ordered(x: "Row", group: "Row", work: "Panel", room: "Integers") -> int:
    """Collect who has a value and a group, by group and then by value; return how many."""
    groups, places, values = work[0], work[1], work[2]
    count = 0
    for i in range(x.shape[0]):
        if x[i] - x[i] == 0.0 and group[i] - group[i] == 0.0:
            values[count], places[count] = x[i], i
            count += 1
    sort_pairs(values, places, count, room)
    for at in range(count):
        groups[at] = group[int(places[at])]
    # Equals keep their order, which is that of their values.
    sort_pairs(groups, places, count, room)
    for at in range(count):
        values[at] = x[int(places[at])]
    return count


@helper
def end_of(keys: "Row", start: int, count: int) -> int:
    """Return where a run of equal keys ends."""
    at = start + 1
    while at < count and keys[at] == keys[start]:
        at += 1
    return at


@helper
def tell(value: float, places: "Row", start: int, stop: int, out: "Row") -> None:
    """Write one value at the places of some members."""
    for member in range(start, stop):
        out[int(places[member])] = value
