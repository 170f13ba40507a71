"""``capacity``: the capital at which price impact eats the whole gain."""

from ..capacity import capacity_of
from ..facts import Facts, metric


@metric("capacity")
def capacity(facts: Facts) -> float | None:
    """Return the capital, in the quote currency, whose square-root impact takes all net return."""
    return capacity_of(facts)
