"""``oos_annual_return``: the compound gain a year over the tests of a split."""

import numpy as np

from ..facts import Facts, metric


@metric("oos_annual_return")
def oos_annual_return(facts: Facts) -> float | None:
    """Return the yearly rate that the tests compound to; nothing without a split."""
    if facts.tested is None:
        return None
    growth = float(np.prod(1.0 + facts.tested))
    if growth <= 0:
        return -1.0
    try:
        return float(growth ** (facts.year_bars / len(facts.tested)) - 1.0)
    except OverflowError:
        return None
