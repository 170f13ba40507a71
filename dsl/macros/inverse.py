"""``inverse(x)``: one over a value."""

from ..macro import macro

MACRO = macro(
    __name__,
    "inverse(x) = 1 / x",
    doc="One over the value; NaN where it is 0.",
    example="rank(inverse(returns(close, 24h)))",
)
