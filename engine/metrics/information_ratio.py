"""``information_ratio``: how steadily the book beats the benchmark."""

import math

from ..beside import beside
from ..facts import Facts, deviation_of, mean_of, metric, ratio_of


@metric("information_ratio")
def information_ratio(facts: Facts) -> float | None:
    """Return mean / sample deviation of returns less the benchmark's, x sqrt(bars a year)."""
    pair = beside(facts)
    if pair is None:
        return None
    active = pair.book - pair.benchmark
    per_bar = ratio_of(mean_of(active), deviation_of(active))
    return None if per_bar is None else per_bar * math.sqrt(facts.year_bars)
