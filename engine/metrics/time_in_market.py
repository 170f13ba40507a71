"""``time_in_market``: how much of the time something was held."""

from ..facts import Facts, metric


@metric("time_in_market")
def time_in_market(facts: Facts) -> float | None:
    """Return the share of bars with a position."""
    return float((facts.simulation.units != 0).any(axis=1).mean())
