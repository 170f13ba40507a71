"""Ranks of a row's finite values."""

from typing import TYPE_CHECKING

from ..kernels import helper
from .sorting import sort_pairs

if TYPE_CHECKING:
    from ..kernels import Integers, Panel, Row


@helper
def double_ranks(x: "Row", work: "Panel", room: "Integers", out: "Row") -> int:
    """Write twice each finite value's rank, from 2 on, and return how many are finite.

    Equals share the mean of their ranks; twice that is a whole number. ``work`` has two rows.
    """
    keys, places = work[0], work[1]
    count = 0
    for i in range(x.shape[0]):
        if x[i] - x[i] == 0.0:
            keys[count], places[count] = x[i], i
            count += 1
    sort_pairs(keys, places, count, room)
    start = 0
    for at in range(1, count + 1):
        if at == count or keys[at] != keys[start]:
            for member in range(start, at):
                # Ranks start + 1 to at: first and last add up to twice their mean.
                out[int(places[member])] = start + 1 + at
            start = at
    return count
