"""``skew``: how lopsided returns are."""

from ..facts import Facts, metric, standard_moment


@metric("skew")
def skew(facts: Facts) -> float | None:
    """Return the third standardised moment of per-bar returns (population form)."""
    return standard_moment(facts.returns, 3)
