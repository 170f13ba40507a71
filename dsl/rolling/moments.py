"""Mean and squared deviations of a window, shifted at every step; nothing cancels at any level.

A bar moves the mean by its share of the distance (Welford 1962); two pieces join by the distance
of their means (Chan, Golub, LeVeque 1979). Every term added to the squares is zero exactly when
a value equals the mean of those before it. Hence the squares of a constant window are exactly 0
and those of any other are not, save where a square is too small for a number (differences below
1e-154): "constant" is decided by equality of values, never by a threshold.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

MOMENTS = 2  # the mean, the sum of squared deviations from it
LOOSE_MOMENTS = 3  # how many were finite, their mean, their squared deviations


@helper
def push_moments(x: "Row", _y: "Row", state: "Panel", count: int, _way: int) -> None:
    """Take a bar in; NaN stays."""
    share = 1.0 / count
    rest = 1.0 - share
    for i in range(x.shape[0]):
        distance = x[i] - state[0, i]
        state[0, i] += distance * share
        state[1, i] += distance * distance * rest


@helper
def answer_std(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the sample standard deviation."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    for i in range(out.shape[0]):
        distance = newer[0, i] - older[0, i]
        squares = older[1, i] + newer[1, i] + distance * distance * between
        out[i] = settled(math.sqrt(squares / (bars - 1.0)))


@helper
def answer_zscore(
    x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write how many standard deviations the newest value is from the mean."""
    bars = float(older_bars + newer_bars)
    between = older_bars * newer_bars / bars
    share = newer_bars / bars
    for i in range(out.shape[0]):
        distance = newer[0, i] - older[0, i]
        squares = older[1, i] + newer[1, i] + distance * distance * between
        mean = older[0, i] + distance * share
        out[i] = settled((x[i] - mean) / math.sqrt(squares / (bars - 1.0)))


@helper
def push_loose_moments(x: "Row", _y: "Row", state: "Panel", _count: int, _way: int) -> None:
    """Take a bar's finite values in."""
    for i in range(x.shape[0]):
        value = x[i]
        is_there = value - value == 0.0
        one = 1.0 if is_there else 0.0
        distance = value - state[1, i] if is_there else 0.0
        count = state[0, i] + one
        share = one / max(count, 1.0)
        state[0, i] = count
        state[1, i] += distance * share
        state[2, i] += distance * distance * (one - share)


@helper
def answer_loose_std(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the standard deviation of the finite values where there are enough."""
    for i in range(out.shape[0]):
        count = older[0, i] + newer[0, i]
        distance = newer[1, i] - older[1, i]
        between = older[0, i] * newer[0, i] / max(count, 1.0)
        squares = older[2, i] + newer[2, i] + distance * distance * between
        is_enough = count >= need and count > 1.0
        out[i] = settled(math.sqrt(squares / (count - 1.0))) if is_enough else NAN


@helper
def answer_loose_zscore(
    x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the newest value's distance from the mean of the finite ones, in deviations."""
    for i in range(out.shape[0]):
        count = older[0, i] + newer[0, i]
        share = newer[0, i] / max(count, 1.0)
        distance = newer[1, i] - older[1, i]
        squares = older[2, i] + newer[2, i] + distance * distance * older[0, i] * share
        mean = older[1, i] + distance * share
        is_enough = count >= need and count > 1.0
        out[i] = settled((x[i] - mean) / math.sqrt(squares / (count - 1.0))) if is_enough else NAN
