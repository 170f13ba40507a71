"""``ic_ir``: how steady the correlation was."""

from ..facts import Facts, deviation_of, mean_of, metric, ratio_of


@metric("ic_ir")
def ic_ir(facts: Facts) -> float | None:
    """Return mean / sample deviation of the IC over decisions; not annualised."""
    ic = facts.information.ic
    return ratio_of(mean_of(ic), deviation_of(ic))
