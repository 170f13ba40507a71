"""What sums under ``min_periods`` and products of a window are gathered from."""

from typing import TYPE_CHECKING

from ..kernels import NAN, helper, settled

if TYPE_CHECKING:
    from ..kernels import Panel, Row

PRODUCT = 1  # the product
LOOSE_SUM = 2  # how many were finite, their sum


@helper
def push_loose_sum(x: "Row", _y: "Row", state: "Panel", _count: int, _way: int) -> None:
    """Add a bar's finite values and count them."""
    for i in range(x.shape[0]):
        value = x[i]
        is_there = value - value == 0.0
        state[0, i] += 1.0 if is_there else 0.0
        state[1, i] += value if is_there else 0.0


@helper
def answer_loose_sum(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the sum where enough were finite."""
    for i in range(out.shape[0]):
        total = older[1, i] + newer[1, i]
        out[i] = settled(total) if older[0, i] + newer[0, i] >= need else NAN


@helper
def answer_loose_mean(
    _x: "Row", older: "Panel", _older: int, newer: "Panel", _newer: int, need: int, out: "Row"
) -> None:
    """Write the mean of the finite values where there are enough."""
    for i in range(out.shape[0]):
        count = older[0, i] + newer[0, i]
        out[i] = settled((older[1, i] + newer[1, i]) / count) if count >= need else NAN


@helper
def push_product(x: "Row", _y: "Row", state: "Panel", count: int, _way: int) -> None:
    """Multiply by a bar; a state without bars stands for 1."""
    for i in range(x.shape[0]):
        state[0, i] = x[i] if count == 1 else state[0, i] * x[i]


@helper
def answer_product(
    _x: "Row", older: "Panel", older_bars: int, newer: "Panel", _newer: int, _need: int, out: "Row"
) -> None:
    """Write the product."""
    for i in range(out.shape[0]):
        out[i] = settled(newer[0, i] if older_bars == 0 else older[0, i] * newer[0, i])
