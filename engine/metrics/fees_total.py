"""``fees_total``: what the venue took."""

from ..facts import Facts, metric


@metric("fees_total")
def fees_total(facts: Facts) -> float | None:
    """Return all fees as a fraction of the initial capital."""
    return facts.share_of_capital(facts.simulation.fees)
