"""``s_log_1p(x)``: a logarithm for both signs."""

from ..macro import macro

MACRO = macro(
    __name__,
    "s_log_1p(x) = sign(x) * log(1 + abs(x))",
    doc="The logarithm of one more than the size, with the value's sign: it tames both tails.",
    example="s_log_1p(ts_zscore(volume, 7d))",
)
