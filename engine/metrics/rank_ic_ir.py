"""``rank_ic_ir``: how steady the rank correlation was."""

from ..facts import Facts, deviation_of, mean_of, metric, ratio_of


@metric("rank_ic_ir")
def rank_ic_ir(facts: Facts) -> float | None:
    """Return mean / sample deviation of the rank IC over decisions; not annualised."""
    rank_ic = facts.information.rank_ic
    return ratio_of(mean_of(rank_ic), deviation_of(rank_ic))
