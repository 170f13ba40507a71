"""``tail(x, lower, upper, newval)``: the middle replaced."""

from ..macro import macro

MACRO = macro(
    __name__,
    "tail(x, lower, upper, newval) = x > lower and x < upper ? newval : x",
    doc="The value; ``newval`` where it lies between ``lower`` and ``upper``, the bounds excluded.",
    example="tail(ts_zscore(volume, 7d), -1, 1, 0)",
)
