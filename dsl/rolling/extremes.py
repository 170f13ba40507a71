"""The largest value of a window and where it stands; the smallest is the largest of ``-x``."""

from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

LOOSE_HIGHEST = 2  # how many were finite, the largest of them


@helper
def turned(x: "Panel", sign: float, out: "Panel") -> None:
    """Copy with infinities missing; a sign of -1 turns the smallest into the largest."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[t, i] = settled(x[t, i] * sign)


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
