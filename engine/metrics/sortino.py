"""``sortino``: mean return over the deviation of losses, annualised."""

import math

import numpy as np

from ..facts import Facts, mean_of, metric, ratio_of


@metric("sortino")
def sortino(facts: Facts) -> float | None:
    """Return mean / root mean square of returns below 0 (all bars count) x sqrt(bars a year)."""
    losses = np.minimum(facts.returns, 0.0)
    per_bar = ratio_of(mean_of(facts.returns), float(np.sqrt((losses**2).mean())))
    return None if per_bar is None else per_bar * math.sqrt(facts.year_bars)
