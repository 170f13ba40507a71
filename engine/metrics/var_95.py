"""``var_95``: the loss of a bar that one bar in twenty exceeds."""

import numpy as np

from ..facts import Facts, metric


@metric("var_95")
def var_95(facts: Facts) -> float | None:
    """Return the 5th percentile of returns with its sign turned; negative when even that gains."""
    return 0.0 - float(np.percentile(facts.returns, 5))
