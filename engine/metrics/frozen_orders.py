"""``frozen_orders``: orders that found no bar to trade in."""

from ..facts import Facts, metric


@metric("frozen_orders")
def frozen_orders(facts: Facts) -> float | None:
    """Count the orders that were not done because the bar was missing."""
    return float(facts.simulation.frozen)
