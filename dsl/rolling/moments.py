"""Mean and squared deviations of a window, as exact at 1e8 as at 1; nothing cancels.

Each piece of a window counts from a pivot, the first value it took, from which the others differ
by exact subtractions. A bar moves the mean by its share of the distance (Welford 1962); two pieces
join by the distance of their means (Chan, Golub, LeVeque 1979). A term added to the squares is 0
only when a value equals the mean of those before it. Hence the squares of a constant window are
exactly 0 and those of any other are not, save where a square is too small for a number
(differences below 1e-154): "constant" is decided by equality of values, never by a threshold.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

MOMENTS = 3  # the pivot, the mean's distance from it, the sum of squared deviations
LOOSE_MOMENTS = 4  # as above, and how many were finite


@helper
def squares_of(older: "Panel", newer: "Panel", apart: float, between: float, i: int) -> float:
    """Return the sum of squared deviations of both pieces together."""
    return float(older[2, i] + newer[2, i] + apart * apart * between)


@helper
def push_loose_moments(x: "Row", _y: "Row", state: "Panel", _count: int, _way: int) -> None:
    """Take a bar's finite values in."""
    for i in range(x.shape[0]):
        value = x[i]
        is_there = value - value == 0.0
        pivot = value if is_there and state[3, i] == 0.0 else state[0, i]
        distance = (value - pivot) - state[1, i] if is_there else 0.0
        one = 1.0 if is_there else 0.0
        count = state[3, i] + one
        share = one / max(count, 1.0)
        state[0, i] = pivot
        state[1, i] += distance * share
        state[2, i] += distance * distance * (one - share)
        state[3, i] = count


@helper
def answer_loose_std(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the standard deviation of the finite values where there are enough."""
    for i in range(out.shape[0]):
        count = older[3, i] + newer[3, i]
        between = older[3, i] * newer[3, i] / max(count, 1.0)
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        squares = squares_of(older, newer, apart, between, i)
        is_enough = count >= need and count > 1.0
        out[i] = settled(math.sqrt(squares / (count - 1.0))) if is_enough else NAN


@helper
def answer_loose_var(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the variance of the finite values where there are enough."""
    for i in range(out.shape[0]):
        count = older[3, i] + newer[3, i]
        between = older[3, i] * newer[3, i] / max(count, 1.0)
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        squares = squares_of(older, newer, apart, between, i)
        is_enough = count >= need and count > 1.0
        out[i] = settled(squares / (count - 1.0)) if is_enough else NAN


@helper
def answer_loose_zscore(
    x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the newest value's distance from the mean of the finite ones, in deviations."""
    for i in range(out.shape[0]):
        count = older[3, i] + newer[3, i]
        share = older[3, i] / max(count, 1.0)
        apart = (newer[0, i] - older[0, i]) + (newer[1, i] - older[1, i])
        squares = older[2, i] + newer[2, i] + apart * apart * newer[3, i] * share
        # A newest value that is missing makes this NaN; where it is not, newer[0] is a pivot.
        from_mean = (x[i] - newer[0, i]) - (newer[1, i] - apart * share)
        is_enough = count >= need and count > 1.0
        out[i] = settled(from_mean / math.sqrt(squares / (count - 1.0))) if is_enough else NAN
