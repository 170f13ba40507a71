"""``total_return``: the gain over the whole window."""

from ..facts import Facts, metric


@metric("total_return")
def total_return(facts: Facts) -> float | None:
    """Return final equity over the initial capital, less 1."""
    return float(facts.simulation.equity[-1]) / facts.simulation.capital - 1.0
