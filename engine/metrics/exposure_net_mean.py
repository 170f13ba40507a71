"""``exposure_net_mean``: how far the book leaned to one side."""

from ..facts import Facts, metric


@metric("exposure_net_mean")
def exposure_net_mean(facts: Facts) -> float | None:
    """Return the mean over bars of longs less shorts over equity, at the close."""
    return float(facts.simulation.net.mean())
