"""``ts_max_diff(x, bars)``: a value less its highest."""

from ..macro import macro

MACRO = macro(
    __name__,
    "ts_max_diff(x, bars) = x - ts_max(x, bars)",
    doc="The value less the highest of its last ``bars`` bars: 0 or below.",
    example="rank(ts_max_diff(returns, 24h))",
)
