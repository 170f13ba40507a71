"""Amounts on a venue's grid: rounding names its direction, since each direction has a risk."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

ZERO = Decimal(0)
BASIS_POINT = Decimal("0.0001")


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of the step that is not above the value."""
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of the step that is not below the value."""
    return (value / step).to_integral_value(ROUND_CEILING) * step


def toward_zero(value: Decimal, step: Decimal) -> Decimal:
    """Return the multiple of the step nearest to the value on the side of zero."""
    return (value / step).to_integral_value(ROUND_DOWN) * step


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Tell whether the value lies on the grid."""
    return value % step == 0


def exact(value: float) -> Decimal:
    """Turn a panel's number into the decimal of its shortest text, so that 0.1 stays 0.1."""
    return Decimal(repr(float(value)))
