"""``quantile_spread_t``: whether the spread of the fifths is more than chance."""

from ..facts import Facts, metric
from ..newey_west import t_statistic


@metric("quantile_spread_t")
def quantile_spread_t(facts: Facts) -> float | None:
    """Return the mean spread of highest and lowest fifth over its Newey-West standard error."""
    by_decision = facts.information.quantile_by_decision
    return t_statistic(by_decision[:, -1] - by_decision[:, 0])
