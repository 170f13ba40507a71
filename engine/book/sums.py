"""Sums over instruments in four lanes: one fixed order, and no chain of additions to wait for."""

from typing import TYPE_CHECKING

from ...dsl.kernels import helper

if TYPE_CHECKING:
    from ...dsl.kernels import Row


@helper
def total(values: "Row") -> float:
    """Add up values."""
    count = values.shape[0]
    first = second = third = fourth = 0.0
    for i in range(0, count - 3, 4):
        first += values[i]
        second += values[i + 1]
        third += values[i + 2]
        fourth += values[i + 3]
    for i in range(count - count % 4, count):
        first += values[i]
    return (first + second) + (third + fourth)


@helper
def size_of(values: "Row") -> float:
    """Add up absolute values."""
    count = values.shape[0]
    first = second = third = fourth = 0.0
    for i in range(0, count - 3, 4):
        first += abs(values[i])
        second += abs(values[i + 1])
        third += abs(values[i + 2])
        fourth += abs(values[i + 3])
    for i in range(count - count % 4, count):
        first += abs(values[i])
    return (first + second) + (third + fourth)


@helper
def worth(units: "Row", prices: "Row") -> float:
    """Return what units are worth at prices."""
    count = units.shape[0]
    first = second = third = fourth = 0.0
    for i in range(0, count - 3, 4):
        first += units[i] * prices[i]
        second += units[i + 1] * prices[i + 1]
        third += units[i + 2] * prices[i + 2]
        fourth += units[i + 3] * prices[i + 3]
    for i in range(count - count % 4, count):
        first += units[i] * prices[i]
    return (first + second) + (third + fourth)


@helper
def notional(units: "Row", prices: "Row") -> float:
    """Return the absolute worth of units at prices."""
    count = units.shape[0]
    first = second = third = fourth = 0.0
    for i in range(0, count - 3, 4):
        first += abs(units[i] * prices[i])
        second += abs(units[i + 1] * prices[i + 1])
        third += abs(units[i + 2] * prices[i + 2])
        fourth += abs(units[i + 3] * prices[i + 3])
    for i in range(count - count % 4, count):
        first += abs(units[i] * prices[i])
    return (first + second) + (third + fourth)


@helper
def both(units: "Row", prices: "Row") -> tuple[float, float]:
    """Return what units are worth at prices, and the absolute worth."""
    count = units.shape[0]
    first = second = third = fourth = 0.0
    a = b = c = d = 0.0
    for i in range(0, count - 3, 4):
        w, x = units[i] * prices[i], units[i + 1] * prices[i + 1]
        y, z = units[i + 2] * prices[i + 2], units[i + 3] * prices[i + 3]
        first += w
        second += x
        third += y
        fourth += z
        a += abs(w)
        b += abs(x)
        c += abs(y)
        d += abs(z)
    for i in range(count - count % 4, count):
        w = units[i] * prices[i]
        first += w
        a += abs(w)
    return (first + second) + (third + fourth), (a + b) + (c + d)
