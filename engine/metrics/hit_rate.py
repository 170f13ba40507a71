"""``hit_rate``: how often a bar gained."""

import numpy as np

from ..facts import Facts, metric, ratio_of


@metric("hit_rate")
def hit_rate(facts: Facts) -> float | None:
    """Return the share of bars with a gain among the bars that moved."""
    moved = int(np.count_nonzero(facts.returns))
    return ratio_of(float(np.count_nonzero(facts.returns > 0)), float(moved))
