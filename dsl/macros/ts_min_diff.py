"""``ts_min_diff(x, bars)``: a value less its least."""

from ..macro import macro

MACRO = macro(
    __name__,
    "ts_min_diff(x, bars) = x - ts_min(x, bars)",
    doc="The value less the least of its last ``bars`` bars.",
    example="rank(ts_min_diff(returns, 24h))",
)
