"""``fraction(x)``: what follows the point."""

from ..macro import macro

MACRO = macro(
    __name__,
    "fraction(x) = x - sign(x) * floor(abs(x))",
    doc="What is left of the value without its whole part, with its sign: -1.25 gives -0.25.",
    example="fraction(ts_zscore(volume, 7d))",
)
