"""``ts_av_diff(x, bars)``: a value less its mean."""

from ..macro import macro

MACRO = macro(
    __name__,
    "ts_av_diff(x, bars) = x - ts_mean(x, bars)",
    doc="The value less the mean of its last ``bars`` bars.",
    example="rank(ts_av_diff(returns, 24h))",
)
