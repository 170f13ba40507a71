"""``tail_ratio``: how the best bars compare with the worst."""

import numpy as np

from ..facts import Facts, metric, ratio_of


@metric("tail_ratio")
def tail_ratio(facts: Facts) -> float | None:
    """Return the 95th percentile of returns over the 5th, both absolute."""
    high, low = np.percentile(facts.returns, (95, 5))
    return ratio_of(abs(float(high)), abs(float(low)))
