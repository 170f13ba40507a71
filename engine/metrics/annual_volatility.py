"""``annual_volatility``: the deviation of returns, annualised."""

import math

from ..facts import Facts, deviation_of, metric


@metric("annual_volatility")
def annual_volatility(facts: Facts) -> float | None:
    """Return the sample deviation of per-bar net returns x sqrt(bars a year)."""
    deviation = deviation_of(facts.returns)
    return None if deviation is None else deviation * math.sqrt(facts.year_bars)
