"""``holding_days``: how long a position stays, on average."""

from ..facts import Facts, metric, ratio_of
from .exposure_gross_mean import exposure_gross_mean
from .turnover_daily import turnover_daily


@metric("holding_days")
def holding_days(facts: Facts) -> float | None:
    """Return 2 x mean gross exposure / turnover a day: what is held, over what is replaced."""
    held = exposure_gross_mean(facts)
    return ratio_of(None if held is None else 2 * held, turnover_daily(facts))
