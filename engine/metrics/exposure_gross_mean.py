"""``exposure_gross_mean``: how much was at work, both sides added."""

import numpy as np

from ..facts import Facts, metric


@metric("exposure_gross_mean")
def exposure_gross_mean(facts: Facts) -> float | None:
    """Return the mean over bars of absolute position notional over equity, at the close."""
    return float(np.abs(facts.simulation.weights).sum(axis=1).mean())
