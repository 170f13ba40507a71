"""``group_backfill(x, group, bars)``: the group's mean in place of what is missing."""

from ..macro import macro

MACRO = macro(
    __name__,
    "group_backfill(x, group, bars) = fill(x, group_sum(fill(ts_backfill(x, bars), 0), group)"
    " / group_sum(not is_nan(ts_backfill(x, bars)), group))",
    doc="The value; where it is missing, the mean over its group of each member's last finite "
    "value within ``bars`` bars. NaN where no member has one. Nothing is winsorized.",
    example="group_backfill(funding_rate, bucket(ts_mean(quote_volume, 24h), 3), 8h)",
)
