"""Quantiles of a window that stays sorted: one value leaves, one enters."""

from typing import TYPE_CHECKING

from ..kernels import NAN, buffer, helper, settled
from .side_by_side import roll_ordered
from .sorting import insert, remove, replace

if TYPE_CHECKING:
    from ..kernels import Panel

LONG = 400  # Longer windows are searched, one instrument after the other.


@helper
def roll_quantile(x: "Panel", bars: int, q: float, out: "Panel") -> None:
    """Write the value below which the share ``q`` lies, interpolated; whole windows alone."""
    if bars <= LONG:
        roll_ordered(x, bars, q, out)
    else:
        roll_searched(x, bars, q, out)


@helper
def roll_searched(x: "Panel", bars: int, q: float, out: "Panel") -> None:
    """Do so by search: what lies between the old value and the new one moves."""
    rows = x.shape[0]
    if bars > rows:
        return  # And no buffer as long as the window.
    ordered = buffer(1, bars)[0]
    low = int((bars - 1) * q)
    high = min(low + 1, bars - 1)
    share = (bars - 1) * q - low
    for i in range(x.shape[1]):
        count = 0
        for t in range(rows):
            old = settled(x[t - bars, i]) if t >= bars else NAN
            value = settled(x[t, i])
            is_leaving = old == old  # noqa: PLR0124  # NaN differs from itself.
            is_entering = value == value  # noqa: PLR0124
            if is_leaving and is_entering:
                replace(old, value, ordered, count)
            elif is_leaving:
                remove(old, ordered, count)
            elif is_entering:
                insert(value, ordered, count)
            count += (1 if is_entering else 0) - (1 if is_leaving else 0)
            if t >= bars - 1 and count == bars:
                below, above = ordered[low], ordered[high]
                out[t, i] = settled(below + (above - below) * share)
