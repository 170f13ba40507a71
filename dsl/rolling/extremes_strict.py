"""The largest value of whole windows and its place; see ``anchored``. ``sign`` -1: the smallest."""

from typing import TYPE_CHECKING

from ..kernels import NAN, disjoint

if TYPE_CHECKING:
    from ..kernels import Panel, Row

HIGHEST = 1  # the largest
PLACED = 2  # the largest, its place counted from the anchor
LOWEST = float("-inf")  # The largest of no bars.


@disjoint
def push_highest(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    _place: int,
    sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Keep the larger; what is missing stays."""
    for i in range(x.shape[0]):
        value, best = x[i] * sign, before[0, i]
        # What is missing stays: a comparison with NaN is false, an infinity less itself is NaN.
        after[0, i] = max(best, value) + (value - value)


@disjoint
def step_highest(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    _place: int,
    _bars: int,
    sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the larger of both pieces."""
    for i in range(x.shape[0]):
        value, best = x[i] * sign, head[0, i]
        best = max(best, value) + (value - value)
        head[0, i] = best
        other = tail[0, i]
        larger = max(other, best) + (best - best)
        out[i] = larger * sign + 0.0 if larger - larger == 0.0 else NAN


@disjoint
def push_newest(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    place: int,
    sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Keep the larger and its place, of equals the newer: an older bar comes in."""
    here = float(place)
    for i in range(x.shape[0]):
        value, best, best_place = x[i] * sign, before[0, i], before[1, i]
        is_larger = value > best
        after[0, i] = (value if is_larger else best) + (value - value)
        after[1, i] = here if is_larger else best_place


@disjoint
def step_age(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    place: int,
    _bars: int,
    sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write how many bars ago the largest was, of equals the newest; 0 for the newest bar."""
    here = float(place)
    for i in range(x.shape[0]):
        value, best, best_place = x[i] * sign, head[0, i], head[1, i]
        is_larger = value >= best
        best = (value if is_larger else best) + (value - value)
        best_place = here if is_larger else best_place
        head[0, i], head[1, i] = best, best_place
        other, other_place = tail[0, i], tail[1, i]
        found = best_place if best >= other else other_place
        is_whole = (best == best) & (other == other)  # noqa: PLR0124  # NaN differs from itself.
        out[i] = here - found if is_whole else NAN


@disjoint
def push_oldest(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    place: int,
    sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Keep the larger and its place, of equals the older."""
    here = float(place)
    for i in range(x.shape[0]):
        value, best, best_place = x[i] * sign, before[0, i], before[1, i]
        is_larger = value >= best
        after[0, i] = (value if is_larger else best) + (value - value)
        after[1, i] = here if is_larger else best_place


@disjoint
def step_place(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    place: int,
    bars: int,
    sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the place of the largest, of equals the oldest; 1 for the oldest bar."""
    here = float(place)
    for i in range(x.shape[0]):
        value, best, best_place = x[i] * sign, head[0, i], head[1, i]
        is_larger = value > best
        best = (value if is_larger else best) + (value - value)
        best_place = here if is_larger else best_place
        head[0, i], head[1, i] = best, best_place
        other, other_place = tail[0, i], tail[1, i]
        found = best_place if best > other else other_place
        is_whole = (best == best) & (other == other)  # noqa: PLR0124  # NaN differs from itself.
        out[i] = bars + found - place if is_whole else NAN
