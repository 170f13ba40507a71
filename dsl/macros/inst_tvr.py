"""``inst_tvr(x, bars)``: the turnover of a signal."""

from ..macro import macro

MACRO = macro(
    __name__,
    "inst_tvr(x, bars) = ts_sum(abs(delta(x, 1)), bars) / ts_sum(abs(x), bars)",
    doc="The turnover of holding ``x``: the sum of the sizes of its steps over the sum of"
    " its sizes.",
    example="inst_tvr(rank(returns), 24h)",
)
