"""``quantile_spread``: what the highest fifth of the signal gained over the lowest."""

from ..facts import Facts, mean_of, metric


@metric("quantile_spread")
def quantile_spread(facts: Facts) -> float | None:
    """Return the mean outcome of the highest fifth less that of the lowest, a rebalance."""
    by_decision = facts.information.quantile_by_decision
    return mean_of(by_decision[:, -1] - by_decision[:, 0])
