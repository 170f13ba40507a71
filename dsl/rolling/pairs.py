"""Those of a row that have both of two values.

``work`` has ``PAIR_ROWS`` rows: the first values, the second ones, the places, and one to work in.
"""

from typing import TYPE_CHECKING

from ..kernels import helper

if TYPE_CHECKING:
    from ..kernels import Panel, Row

PAIR_ROWS = 4


@helper
def gather_pairs(x: "Row", y: "Row", work: "Panel") -> int:
    """Collect who has both values, in order; return how many."""
    count = 0
    for i in range(x.shape[0]):
        if x[i] - x[i] == 0.0 and y[i] - y[i] == 0.0:
            work[0, count], work[1, count], work[2, count] = x[i], y[i], i
            count += 1
    return count


@helper
def place_of_largest(x: "Row", count: int) -> int:
    """Return where the first of the largest sizes stands."""
    place = 0
    for at in range(1, count):
        if abs(x[at]) > abs(x[place]):
            place = at
    return place
