"""``subtract(x, y)``: a difference."""

from ..macro import macro

MACRO = macro(
    __name__,
    "subtract(x, y) = x - y",
    doc="The difference, for texts that write it as a call.",
    example="subtract(returns, delay(returns, 1))",
)
