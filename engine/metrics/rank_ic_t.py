"""``rank_ic_t``: whether the mean rank IC is more than chance."""

from ..facts import Facts, metric
from ..newey_west import t_statistic


@metric("rank_ic_t")
def rank_ic_t(facts: Facts) -> float | None:
    """Return the mean rank IC over its Newey-West standard error."""
    return t_statistic(facts.information.rank_ic)
