"""``cvar_95``: the mean loss of the worst bars, one in twenty."""

import numpy as np

from ..facts import Facts, metric


@metric("cvar_95")
def cvar_95(facts: Facts) -> float | None:
    """Return the mean of the lowest ``floor((n - 1) / 20) + 1`` returns with its sign turned."""
    count = int((len(facts.returns) - 1) * 0.05) + 1
    return 0.0 - float(np.partition(facts.returns, count - 1)[:count].mean())
