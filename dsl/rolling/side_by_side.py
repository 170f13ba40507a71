"""Sorted windows of all instruments side by side: one value leaves and one enters each in one pass.

Row ``j`` of ``ordered`` holds the ``j``-th smallest value of each instrument's window; a missing
value counts as the largest. Going up the rows, what lies from the leaving value on moves down by
one row, and of what then follows each other the entering value is put between: the middle one of
the row before, the entering value and the row. Nothing branches, whatever the values are.
"""

from typing import TYPE_CHECKING

from ..kernels import NAN, buffer, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

MISSING = float("inf")


@helper
def roll_ordered(x: "Panel", bars: int, q: float, out: "Panel") -> None:
    """Write the value below which the share ``q`` lies, interpolated; whole windows alone."""
    rows, columns = x.shape
    if bars > rows:
        return  # And no buffer as long as the window.
    ordered, work = buffer(bars + 1, columns), buffer(3, columns)
    leaving, entering, below = work[0], work[1], work[2]
    ordered[:] = MISSING
    low = int((bars - 1) * q)
    high = min(low + 1, bars - 1)
    share = (bars - 1) * q - low
    for t in range(rows):
        leaving[:] = MISSING
        if t >= bars:
            last_where_missing(x[t - bars], leaving)
        last_where_missing(x[t], entering)
        below[:] = -MISSING
        for j in range(0, bars - 1, 2):
            above, second, first = ordered[j + 2], ordered[j + 1], ordered[j]
            exchange_two(leaving, entering, above, second, first, below)
        if bars % 2 == 1:
            exchange(leaving, entering, ordered[bars], ordered[bars - 1], below)
        if t >= bars - 1:
            between(ordered[low], ordered[high], ordered[bars - 1], share, out[t])


@helper
def last_where_missing(row: "Row", out: "Row") -> None:
    """Copy a row, with what is missing as the largest value there is."""
    for i in range(row.shape[0]):
        out[i] = row[i] + 0.0 if row[i] - row[i] == 0.0 else MISSING


@helper
def exchange(leaving: "Row", entering: "Row", above: "Row", here: "Row", below: "Row") -> None:
    """Set one row of the sorted windows; ``below`` is the row before, the leaving value gone."""
    for i in range(here.shape[0]):
        value, new, under = above[i], entering[i], below[i]
        value = here[i] if here[i] < leaving[i] else value
        larger = under if under > new else new  # noqa: FURB136  # As one instruction.
        here[i] = larger if larger < value else value  # noqa: FURB136
        below[i] = value


@helper
def exchange_two(
    leaving: "Row", entering: "Row", above: "Row", second: "Row", first: "Row", below: "Row"
) -> None:
    """Set two rows, so that what both need is fetched once."""
    for i in range(first.shape[0]):
        old, new, under = leaving[i], entering[i], below[i]
        one, two = first[i], second[i]
        value = one if one < old else two
        larger = under if under > new else new  # noqa: FURB136  # As one instruction.
        first[i] = larger if larger < value else value  # noqa: FURB136
        under = value
        value = two if two < old else above[i]
        larger = under if under > new else new  # noqa: FURB136
        second[i] = larger if larger < value else value  # noqa: FURB136
        below[i] = value


@helper
def between(low: "Row", high: "Row", largest: "Row", share: float, out: "Row") -> None:
    """Interpolate between two rows; NaN where a value is missing."""
    for i in range(out.shape[0]):
        value = settled(low[i] + (high[i] - low[i]) * share)
        out[i] = value if largest[i] < MISSING else NAN
