"""Mean and deviation of a row's finite values, counted from a pivot: one of the values itself.

Distances from the pivot are exact where values are close, so nothing is lost at high levels, and
a row of equals has a mean exactly at the pivot and a deviation of exactly 0.
"""

import math
from typing import TYPE_CHECKING

from ..kernels import NAN, helper

if TYPE_CHECKING:
    from ..kernels import Row


@helper
def pivot_of(x: "Row") -> float:
    """Return the first finite value, NaN where there is none."""
    for i in range(x.shape[0]):
        value: float = x[i]
        if value - value == 0.0:
            return value
    return NAN


@helper
def offset_of(x: "Row", pivot: float) -> float:
    """Return the mean of the finite values less the pivot."""
    total = 0.0
    count = 0
    for i in range(x.shape[0]):
        distance = x[i] - pivot
        if distance - distance == 0.0:
            total += distance
            count += 1
    return total / count if count > 0 else NAN


@helper
def deviation_of(x: "Row", pivot: float, offset: float) -> float:
    """Return the sample standard deviation of the finite values; 0 for a lone one."""
    squares = 0.0
    count = 0
    for i in range(x.shape[0]):
        distance = (x[i] - pivot) - offset
        if distance - distance == 0.0:
            squares += distance * distance
            count += 1
    return math.sqrt(squares / (count - 1)) if count > 1 else 0.0


@helper
def largest_of(x: "Row") -> float:
    """Return the largest size of the finite values; 0 where there is none."""
    largest = 0.0
    for i in range(x.shape[0]):
        size = abs(x[i])
        if size > largest and size - size == 0.0:
            largest = size
    return largest


@helper
def sizes_of(x: "Row", largest: float) -> float:
    """Return the sum of the finite sizes over the largest one: it cannot overflow."""
    total = 0.0
    for i in range(x.shape[0]):
        if largest > 0.0 and x[i] - x[i] == 0.0:
            total += abs(x[i] / largest)
    return total
