"""Ranks of the newest value of whole windows, by counting lag after lag over many cells at once.

A block of bars and the bars before it that its windows need get keys of 16 bits: each instrument's
distance from its lowest value there, in steps. A smaller key is a smaller value, so that sixteen
cells are compared by one instruction; where the newest value shares its key with another one of its
window, the values themselves are compared. Counts are whole numbers: the ranks are exact.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import bits_of, buffer, helper, integers, shorts

if TYPE_CHECKING:
    from ..kernels import Integers, Panel, Row, Shorts

HEIGHT = 512  # Bars that share their keys, or as many as some windows.
CELLS = 4096  # Their keys and counts stay in the nearest memory.
FEW = 8  # Where more than one cell in so many shares a key, all values are compared.
STEPS = 65535.0
LOWEST_KEY = -32768.0
LONGEST = 32767  # Counts above this do not fit in 16 bits.
LARGE = 1e300
WORD, SIGN = 0xFFFF, 0x8000  # The lowest 16 bits, and their sign.
# A number added to this has its whole part in the lowest bits.
ONES = 1.5 * 2.0**52


@helper
def roll_rank(x: "Panel", bars: int, out: "Panel") -> None:
    """Write the share of the window up to the newest value, equals halved."""
    rows, columns = x.shape
    if bars > rows:
        return  # And no buffer as long as the window.
    height, step = min(max(HEIGHT, 4 * bars), rows), max(1, CELLS // columns)
    keys = shorts(1, (height + bars - 1) * columns)[0]
    smaller, equal = shorts(1, step * columns)[0], shorts(1, step * columns)[0]
    exact, work = integers(2, step * columns), buffer(4, columns)
    last = work[3]  # The row at which each instrument was last missing.
    last[:] = -1.0
    for t in range(bars - 1):
        see_missing(x[t], t, last)
    for start in range(bars - 1, rows, height):
        stop, origin = min(start + height, rows), start - bars + 1
        make_keys(x[origin:stop], work, keys)
        for first in range(start, stop, step):
            end = min(first + step, stop)
            size = (end - first) * columns
            count_before(keys, (first - origin) * columns, size, columns, bars, smaller, equal)
            is_crowded = bars > LONGEST or how_many(equal, size) * FEW > size
            if is_crowded:
                at = first * columns
                count_before(x.reshape(-1), at, size, columns, bars, exact[0], exact[1])
            for t in range(first, end):
                at = (t - first) * columns
                see_missing(x[t], t, last)
                if is_crowded:
                    counts = exact[:, at : at + columns]
                    write_ranks(counts[0], counts[1], t, bars, last, out[t])
                else:
                    counts_of = smaller[at : at + columns], equal[at : at + columns]
                    write_told_apart(x, counts_of[0], counts_of[1], t, bars, last, out[t])


@helper
def see_missing(row: "Row", t: int, last: "Row") -> None:
    """Note where a value is missing."""
    for i in range(row.shape[0]):
        last[i] = last[i] if row[i] - row[i] == 0.0 else t


@helper
def make_keys(x: "Panel", work: "Panel", keys: "Shorts") -> None:
    """Write the keys of some rows, one row after the other; what is missing may have any."""
    low, scale, cells = work[0], work[1], work[2]
    columns = x.shape[1]
    bits = bits_of(cells)
    low[:], scale[:] = math.inf, -math.inf
    for t in range(x.shape[0]):
        widen(x[t], low, scale)
    for i in range(columns):
        steps = STEPS / (scale[i] - low[i])
        # No steps where all are equal or none is finite: then the keys tell nothing apart.
        scale[i] = steps if (steps > 0.0) & (steps < LARGE) else 0.0
    for t in range(x.shape[0]):
        row, at = x[t], t * columns
        for i in range(columns):
            above = (row[i] - low[i]) * scale[i]
            cells[i] = (above + LOWEST_KEY if above - above == 0.0 else 0.0) + ONES
        for i in range(columns):
            keys[at + i] = ((bits[i] & WORD) ^ SIGN) - SIGN


@helper
def widen(row: "Row", low: "Row", high: "Row") -> None:
    """Take finite values into each instrument's reach."""
    for i in range(row.shape[0]):
        is_there = row[i] - row[i] == 0.0
        below = row[i] if is_there else math.inf
        above = row[i] if is_there else -math.inf
        low[i] = below if below < low[i] else low[i]  # noqa: FURB136  # As one instruction.
        high[i] = above if above > high[i] else high[i]  # noqa: FURB136


@helper
def count_before(
    values: "Row | Shorts",
    at: int,
    size: int,
    columns: int,
    bars: int,
    smaller: "Integers | Shorts",
    equal: "Integers | Shorts",
) -> None:
    """Count the smaller and the equal of the ``bars - 1`` before each of ``size`` cells."""
    smaller[:size] = 0
    equal[:size] = 0
    now = values[at : at + size]
    lag = 1
    while lag + 3 < bars:
        a, b = at - lag * columns, at - (lag + 1) * columns
        c, d = at - (lag + 2) * columns, at - (lag + 3) * columns
        first, second = values[a : a + size], values[b : b + size]
        third, fourth = values[c : c + size], values[d : d + size]
        count_four(now, first, second, third, fourth, smaller, equal)
        lag += 4
    while lag < bars:
        a = at - lag * columns
        count_one(now, values[a : a + size], smaller, equal)
        lag += 1


@helper
def count_four(
    now: "Row | Shorts",
    a: "Row | Shorts",
    b: "Row | Shorts",
    c: "Row | Shorts",
    d: "Row | Shorts",
    smaller: "Integers | Shorts",
    equal: "Integers | Shorts",
) -> None:
    """Compare with four earlier bars, so that the counts are fetched once for all."""
    for i in range(now.shape[0]):
        value = now[i]
        below = (1 if a[i] < value else 0) + (1 if b[i] < value else 0)
        below += (1 if c[i] < value else 0) + (1 if d[i] < value else 0)
        same = (1 if a[i] == value else 0) + (1 if b[i] == value else 0)
        same += (1 if c[i] == value else 0) + (1 if d[i] == value else 0)
        smaller[i] += below
        equal[i] += same


@helper
def count_one(
    now: "Row | Shorts",
    before: "Row | Shorts",
    smaller: "Integers | Shorts",
    equal: "Integers | Shorts",
) -> None:
    """Compare with one earlier bar."""
    for i in range(now.shape[0]):
        smaller[i] += 1 if before[i] < now[i] else 0
        equal[i] += 1 if before[i] == now[i] else 0


@helper
def how_many(counts: "Shorts", size: int) -> int:
    """Return how many counts are above 0."""
    found = 0
    for i in range(size):
        found += 1 if counts[i] > 0 else 0
    return found


@helper
def write_ranks(
    smaller: "Integers", equal: "Integers", t: int, bars: int, last: "Row", out: "Row"
) -> None:
    """Write ranks of exact counts; the newest value itself is one more equal."""
    for i in range(out.shape[0]):
        if t - last[i] >= bars:
            out[i] = (smaller[i] + (equal[i] + 2) / 2.0) / bars


@helper
def write_told_apart(
    x: "Panel", smaller: "Shorts", equal: "Shorts", t: int, bars: int, last: "Row", out: "Row"
) -> None:
    """Write ranks of counts of keys, after another look where keys are equal."""
    for i in range(out.shape[0]):
        if t - last[i] >= bars:
            below, same = int(smaller[i]), 0
            if equal[i] > 0:
                below = 0
                for other in range(t - bars + 1, t):
                    below += 1 if x[other, i] < x[t, i] else 0
                    same += 1 if x[other, i] == x[t, i] else 0
            out[i] = (below + (same + 2) / 2.0) / bars
