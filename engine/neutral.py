"""Weights without an exposure to groups, to a benchmark, or to all names alike.

1. What is held is projected: of all weights in the same names that have no such exposure, the
   nearest ones by the sum of squared differences are taken. For groups that is the weight less the
   mean of its group's held names; for betas the regression of the weights on them is taken off,
   both together by regressing within the groups (Frisch and Waugh 1933, Lovell 1963).
2. They are scaled to the gross. Names that the rule does not hold stay out.
3. Caps scale all weights alike, so that neither exposure comes back; what is cut stays cash.

A beta is the slope of a name's returns on the benchmark's over the window, both with a constant.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Matrix

    Row = NDArray[np.float64]

# What is left of weights below this share of them is rounding, not a position.
ROUNDING = 1e-12


def betas_of(sample: "Matrix", benchmark: "Row") -> "Row | None":
    """Regress each column on the benchmark; nothing where that lacks a return or never moves."""
    if not np.isfinite(benchmark).all() or benchmark.min() == benchmark.max():
        return None
    moves = benchmark - benchmark.mean()
    spread = float((moves * moves).sum())
    if spread == 0.0:
        return None
    # Added up by name rather than multiplied as matrices: the same bytes on every machine.
    slopes: Row = ((sample - sample.mean(axis=0)) * moves[:, None]).sum(axis=0) / spread
    return slopes


def neutral(
    weights: "Row", *, gross: float, groups: "Row | None" = None, betas: "Row | None" = None
) -> "Row":
    """Project what is held and scale it to the gross; flat where nothing but rounding is left.

    ``groups`` are codes, a missing one being a group of its own; one code for all makes the net 0.
    """
    is_held = weights != 0
    left = weights[is_held]
    before = float(np.abs(left).sum())
    out = np.zeros(len(weights))
    slopes = None if betas is None else betas[is_held]
    if groups is not None:
        left = _within(left, groups[is_held])
        slopes = None if slopes is None else _within(slopes, groups[is_held])
    if slopes is not None:
        size = float(np.abs(slopes).max(initial=0.0))
        if size > 0:
            slopes = slopes / size
            left = left - slopes * (float((left * slopes).sum()) / float((slopes * slopes).sum()))
    total = float(np.abs(left).sum())
    if total <= before * ROUNDING:
        return out
    out[is_held] = left * (gross / total)
    return out


def shrunk(
    weights: "Row", *, weight_max: float | None, groups: "Row | None", group_max: float | None
) -> "Row":
    """Scale all weights alike until none, and no group's sum, is above its cap."""
    return weights * min(1.0, room_of(weights, weight_max, groups, group_max))


def room_of(
    weights: "Row", weight_max: float | None, groups: "Row | None", group_max: float | None
) -> float:
    """Return how many times the weights fit under their caps."""
    room = np.inf
    largest = float(np.abs(weights).max(initial=0.0))
    if weight_max is not None and largest > 0:
        room = weight_max / largest
    if group_max is not None and groups is not None and largest > 0:
        held = max(float(np.abs(weights[is_in]).sum()) for is_in in _each(groups))
        room = min(room, group_max / held)
    return float(room)


def _within(values: "Row", groups: "Row") -> "Row":
    """Take each group's mean off; a group of equal values is left with zeros."""
    out = np.zeros(len(values))
    for is_in in _each(groups):
        inside = values[is_in]
        if inside.min() != inside.max():
            out[is_in] = inside - inside.mean()
    return out


def _each(groups: "Row") -> list[NDArray[np.bool_]]:
    """Mark the members of each group; a name of no group is one by itself."""
    known = [groups == group for group in np.unique(groups[np.isfinite(groups)])]
    alone = [np.arange(len(groups)) == place for place in np.flatnonzero(~np.isfinite(groups))]
    return [*known, *alone]
