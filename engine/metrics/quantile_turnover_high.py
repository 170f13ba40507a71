"""``quantile_turnover_high``: how fast the highest fifth of the signal changes."""

from ..facts import Facts, metric


@metric("quantile_turnover_high")
def quantile_turnover_high(facts: Facts) -> float | None:
    """Return the mean share of the highest fifth's names that were not in it a decision before."""
    return float(facts.information.quantile_turnover[-1])
