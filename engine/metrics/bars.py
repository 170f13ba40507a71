"""``bars``: the length of the window."""

from ..facts import Facts, metric


@metric("bars")
def bars(facts: Facts) -> float | None:
    """Count the simulated bars."""
    return float(len(facts.returns))
