"""``sharpe``: mean over deviation of returns, annualised."""

import math

from ..facts import Facts, deviation_of, mean_of, metric, ratio_of


@metric("sharpe")
def sharpe(facts: Facts) -> float | None:
    """Return mean / sample deviation of per-bar net returns x sqrt(bars a year); no risk-free."""
    per_bar = ratio_of(mean_of(facts.returns), deviation_of(facts.returns))
    return None if per_bar is None else per_bar * math.sqrt(facts.year_bars)
