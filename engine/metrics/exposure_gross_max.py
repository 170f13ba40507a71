"""``exposure_gross_max``: the most that was at work, both sides added."""

from ..facts import Facts, metric


@metric("exposure_gross_max")
def exposure_gross_max(facts: Facts) -> float | None:
    """Return the largest absolute position notional over equity, at a close."""
    return float(facts.simulation.gross.max())
