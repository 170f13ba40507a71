"""``trades``: how often something was bought or sold."""

from ..facts import Facts, metric


@metric("trades")
def trades(facts: Facts) -> float | None:
    """Count the trades, one for each name and instant."""
    return float(facts.simulation.trades)
