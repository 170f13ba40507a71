"""``gain_to_pain``: the whole gain over the losing days added up."""

import numpy as np

from ..facts import Facts, metric, ratio_of
from ..grid import DAY_SECONDS


@metric("gain_to_pain")
def gain_to_pain(facts: Facts) -> float | None:
    """Return the sum of returns over that of the losing days' (UTC; returns of a day added)."""
    days = facts.simulation.times // DAY_SECONDS
    starts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
    by_day = np.add.reduceat(facts.returns, starts)
    return ratio_of(float(by_day.sum()), 0.0 - float(by_day[by_day < 0].sum()))
