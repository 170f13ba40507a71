"""``beta``: how the book moves with the benchmark."""

from ..beside import beside
from ..facts import Facts, metric


@metric("beta")
def beta(facts: Facts) -> float | None:
    """Return the covariance with the benchmark over the benchmark's variance."""
    pair = beside(facts)
    return None if pair is None else pair.beta
