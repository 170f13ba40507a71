"""``max_drawdown``: the deepest fall from a peak."""

import numpy as np

from ..facts import Facts, metric


@metric("max_drawdown")
def max_drawdown(facts: Facts) -> float | None:
    """Return the largest fall of closing equity below its peak so far, as a positive fraction.

    The initial capital counts as the first peak.
    """
    equity = facts.simulation.equity
    peak = np.maximum(np.maximum.accumulate(equity), facts.simulation.capital)
    return float((1.0 - equity / peak).max())
