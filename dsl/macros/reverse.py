"""``reverse(x)``: the sign turned."""

from ..macro import macro

MACRO = macro(
    __name__,
    "reverse(x) = -x",
    doc="The value with its sign turned.",
    example="rank(reverse(returns))",
)
