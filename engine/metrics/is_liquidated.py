"""``is_liquidated``: whether the book was ruined."""

from ..facts import Facts, metric


@metric("is_liquidated")
def is_liquidated(facts: Facts) -> float | None:
    """Return 1 when equity fell to zero and the book was closed for good, else 0."""
    return 0.0 if facts.simulation.liquidated_row is None else 1.0
