"""``kurtosis``: how fat the tails of returns are."""

from ..facts import Facts, metric, standard_moment


@metric("kurtosis")
def kurtosis(facts: Facts) -> float | None:
    """Return the fourth standardised moment of per-bar returns; a normal law has 3."""
    return standard_moment(facts.returns, 4)
