"""Mean and deviation of a row's finite values, in two passes around a value of the row."""

import math
from typing import TYPE_CHECKING

from ..kernels import NAN, helper

if TYPE_CHECKING:
    from ..kernels import Row


@helper
def mean_of(x: "Row") -> float:
    """Return the mean of the finite values, exact when all are equal; NaN when there is none."""
    pivot = NAN
    for i in range(x.shape[0]):
        if x[i] - x[i] == 0.0:
            pivot = x[i]
            break
    total = 0.0
    count = 0
    for i in range(x.shape[0]):
        distance = x[i] - pivot
        if distance - distance == 0.0:
            total += distance
            count += 1
    return pivot + total / max(count, 1)


@helper
def deviation_of(x: "Row", mean: float) -> float:
    """Return the sample standard deviation of the finite values; exactly 0 when all are equal."""
    squares = 0.0
    count = 0
    for i in range(x.shape[0]):
        distance = x[i] - mean
        if distance - distance == 0.0:
            squares += distance * distance
            count += 1
    return math.sqrt(squares / (count - 1)) if count > 1 else 0.0
