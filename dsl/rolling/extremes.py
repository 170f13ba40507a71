"""The largest value of a window and where it stands; the smallest is the largest of ``-x``."""

from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

HIGHEST = 1  # the largest so far
PLACED = 2  # the largest so far, its place counted from the border of the blocks
LOOSE_HIGHEST = 2  # how many were finite, the largest of them


@helper
def turned(x: "Panel", sign: float, out: "Panel") -> None:
    """Copy with infinities missing; a sign of -1 turns the smallest into the largest."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[t, i] = settled(x[t, i] * sign)


@helper
def push_highest(x: "Row", _y: "Row", state: "Panel", count: int, _way: int) -> None:
    """Keep the larger; NaN wins and stays."""
    for i in range(x.shape[0]):
        best = state[0, i]
        is_kept = (best >= x[i] or best != best) and count > 1  # noqa: PLR0124  # NaN differs.
        state[0, i] = best if is_kept else x[i]


@helper
def answer_highest(
    _x: "Row", older: "Panel", older_bars: int, newer: "Panel", _newer: int, _need: int, out: "Row"
) -> None:
    """Write the larger of both pieces."""
    for i in range(out.shape[0]):
        best, other = newer[0, i], older[0, i]
        is_kept = best >= other or best != best or older_bars == 0  # noqa: PLR0124  # NaN differs.
        out[i] = best if is_kept else other


@helper
def push_placed(x: "Row", _y: "Row", state: "Panel", count: int, way: int) -> None:
    """Keep the larger and its place; of equals the newer stays."""
    place = count - 1.0 if way > 0 else -float(count)
    for i in range(x.shape[0]):
        best = state[0, i]
        # Going back in time an equal is older; going forward it is newer.
        is_larger = best > x[i] or (best == x[i] and way < 0)
        is_kept = (is_larger or best != best) and count > 1  # noqa: PLR0124  # NaN differs.
        state[0, i] = best if is_kept else x[i]
        state[1, i] = state[1, i] if is_kept else place


@helper
def answer_age(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write how many bars ago the largest was, 0 for the newest bar; NaN when one is missing."""
    for i in range(out.shape[0]):
        best, other = newer[0, i], older[0, i]
        is_newer = best >= other or older_bars == 0
        place = newer[1, i] if is_newer else older[1, i]
        is_whole = best == best and (other == other or older_bars == 0)  # noqa: PLR0124
        out[i] = newer_bars - 1.0 - place if is_whole else NAN


@helper
def push_earliest(x: "Row", _y: "Row", state: "Panel", count: int, way: int) -> None:
    """Keep the larger and its place; of equals the older stays."""
    place = count - 1.0 if way > 0 else -float(count)
    for i in range(x.shape[0]):
        best = state[0, i]
        is_larger = best > x[i] or (best == x[i] and way > 0)
        is_kept = (is_larger or best != best) and count > 1  # noqa: PLR0124  # NaN differs.
        state[0, i] = best if is_kept else x[i]
        state[1, i] = state[1, i] if is_kept else place


@helper
def answer_place(
    _x: "Row", older: "Panel", older_bars: int, newer: "Panel", _newer: int, _need: int, out: "Row"
) -> None:
    """Write the place of the largest, 1 for the oldest bar; NaN when one is missing."""
    for i in range(out.shape[0]):
        best, other = newer[0, i], older[0, i]
        is_newer = best > other or older_bars == 0
        place = newer[1, i] if is_newer else older[1, i]
        is_whole = best == best and (other == other or older_bars == 0)  # noqa: PLR0124
        out[i] = older_bars + place + 1.0 if is_whole else NAN


@helper
def push_loose_highest(x: "Row", _y: "Row", state: "Panel", _count: int, _way: int) -> None:
    """Keep the larger of the finite values and count them."""
    for i in range(x.shape[0]):
        is_there = x[i] - x[i] == 0.0
        is_kept = not is_there or (state[0, i] > 0.0 and state[1, i] >= x[i])
        state[1, i] = state[1, i] if is_kept else x[i]
        state[0, i] += 1.0 if is_there else 0.0


@helper
def answer_loose_highest(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the largest of the finite values where there are enough."""
    for i in range(out.shape[0]):
        is_newer = older[0, i] == 0.0 or (newer[0, i] > 0.0 and newer[1, i] >= older[1, i])
        value = newer[1, i] if is_newer else older[1, i]
        out[i] = value if older[0, i] + newer[0, i] >= need else NAN
