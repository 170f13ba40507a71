"""``clamp(x, low, high)``: a value kept within bounds."""

from ..macro import macro

MACRO = macro(
    __name__,
    "clamp(x, low, high) = min(max(x, low), high)",
    doc="The value, moved to the nearer of two bounds where it lies outside of them.",
    example="clamp(ts_zscore(volume, 7d), -2, 2)",
)
