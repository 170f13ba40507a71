"""``quantile_turnover_low``: how fast the lowest fifth of the signal changes."""

from ..facts import Facts, metric


@metric("quantile_turnover_low")
def quantile_turnover_low(facts: Facts) -> float | None:
    """Return the mean share of the lowest fifth's names that were not in it a decision before."""
    return float(facts.information.quantile_turnover[0])
