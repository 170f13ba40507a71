"""``exposure_gross_mean``: how much was at work, both sides added."""

from ..facts import Facts, metric


@metric("exposure_gross_mean")
def exposure_gross_mean(facts: Facts) -> float | None:
    """Return the mean over bars of absolute position notional over equity, at the close."""
    return float(facts.simulation.gross.mean())
