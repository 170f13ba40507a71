"""``ic_mean``: how the signal's size went along with what followed."""

from ..facts import Facts, mean_of, metric


@metric("ic_mean")
def ic_mean(facts: Facts) -> float | None:
    """Return the mean over decisions of the correlation of signal and next-period return."""
    return mean_of(facts.information.ic)
