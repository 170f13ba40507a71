"""``rank_ic_mean``: how the signal's order went along with what followed."""

from ..facts import Facts, mean_of, metric


@metric("rank_ic_mean")
def rank_ic_mean(facts: Facts) -> float | None:
    """Return the mean over decisions of the rank correlation of signal and next-period return."""
    return mean_of(facts.information.rank_ic)
