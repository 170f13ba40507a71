"""``ts_scale(x, bars)``: the place in a window's range."""

from ..macro import macro

MACRO = macro(
    __name__,
    "ts_scale(x, bars) = (x - ts_min(x, bars)) / (ts_max(x, bars) - ts_min(x, bars))",
    doc="Where the value lies between least and highest of its last ``bars`` bars, from 0"
    " to 1; NaN where these are equal.",
    example="ts_scale(close, 7d) |> rank",
)
