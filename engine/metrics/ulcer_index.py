"""``ulcer_index``: how deep and how long the book was below its peak."""

import numpy as np

from ..drawdowns import falls_of
from ..facts import Facts, metric


@metric("ulcer_index")
def ulcer_index(facts: Facts) -> float | None:
    """Return the root mean square over bars of the fall below the peak, a fraction."""
    fall = falls_of(facts.simulation.equity, facts.simulation.capital)
    return float(np.sqrt((fall**2).mean()))
