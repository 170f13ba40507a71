"""``jump_decay(x, bars, sensitivity=0.5, force=0.1)``: steps that are too large, cut."""

from ..macro import macro

MACRO = macro(
    __name__,
    "jump_decay(x, bars, sensitivity=0.5, force=0.1) = abs(delta(x, 1)) > sensitivity"
    " * ts_std(x, bars) ? delay(x, 1) + force * delta(x, 1) : x",
    doc="The value; where its last step is over ``sensitivity`` standard deviations of "
    "its last ``bars`` bars, the value before and ``force`` times the step.",
    example="jump_decay(returns, 24h) |> rank",
)
