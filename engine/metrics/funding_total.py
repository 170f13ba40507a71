"""``funding_total``: what holding took, or gave."""

from ..facts import Facts, metric


@metric("funding_total")
def funding_total(facts: Facts) -> float | None:
    """Return all funding paid as a fraction of the initial capital; negative when received."""
    return facts.share_of_capital(facts.simulation.funding)
