"""``ic_t``: whether the mean IC is more than chance."""

from ..facts import Facts, metric
from ..newey_west import t_statistic


@metric("ic_t")
def ic_t(facts: Facts) -> float | None:
    """Return the mean IC over its Newey-West standard error."""
    return t_statistic(facts.information.ic)
