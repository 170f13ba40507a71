"""Sums and means of whole windows; see ``anchored``. A sum needs no anchor."""

from typing import TYPE_CHECKING

from ..kernels import disjoint, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

SUM = 1  # the sum


@disjoint
def push_sum(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    _place: int,
    _sign: float,
    before: "Panel",
    after: "Panel",
) -> None:
    """Add a bar."""
    for i in range(x.shape[0]):
        after[0, i] = before[0, i] + x[i]


@disjoint
def step_sum(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    _place: int,
    _bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the sum."""
    for i in range(x.shape[0]):
        total = head[0, i] + x[i]
        head[0, i] = total
        out[i] = settled(tail[0, i] + total)


@disjoint
def step_mean(
    x: "Row",
    _y: "Row",
    _first_x: "Row",
    _first_y: "Row",
    _place: int,
    bars: int,
    _sign: float,
    tail: "Panel",
    head: "Panel",
    out: "Row",
) -> None:
    """Write the mean."""
    count = float(bars)

    for i in range(x.shape[0]):
        total = head[0, i] + x[i]
        head[0, i] = total
        out[i] = settled((tail[0, i] + total) / count)
