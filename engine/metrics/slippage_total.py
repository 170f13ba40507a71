"""``slippage_total``: what crossing the market took."""

from ..facts import Facts, metric


@metric("slippage_total")
def slippage_total(facts: Facts) -> float | None:
    """Return all slippage as a fraction of the initial capital."""
    return facts.share_of_capital(facts.simulation.slippage)
