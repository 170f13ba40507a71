"""``signal_autocorrelation``: how much of the signal's order stays until the next decision."""

from ..facts import Facts, metric


@metric("signal_autocorrelation")
def signal_autocorrelation(facts: Facts) -> float | None:
    """Return the mean correlation of the signal's ranks with those of the decision before."""
    return float(facts.information.autocorrelation[1])
