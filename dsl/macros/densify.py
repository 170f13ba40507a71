"""``densify(x)``: groups as they are."""

from ..macro import macro

MACRO = macro(
    __name__,
    "densify(x) = x",
    doc="The value itself: groups of a panel need not be made compact. For texts of "
    "systems where they do.",
    example="neutralize(rank(returns), densify(bucket(ts_mean(quote_volume, 24h), 5)))",
)
