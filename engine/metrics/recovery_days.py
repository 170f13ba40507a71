"""``recovery_days``: how long the deepest fall took to make good."""

from ..drawdowns import drawdowns_of
from ..facts import Facts, metric
from ..grid import DAY_SECONDS


@metric("recovery_days")
def recovery_days(facts: Facts) -> float | None:
    """Return the days from the deepest point back to the peak; None while it is not made good."""
    found = drawdowns_of(facts.simulation.equity, facts.simulation.capital)
    if not found:
        return None
    deepest = max(found, key=lambda fall: fall.depth)
    if not deepest.is_recovered:
        return None
    bars = deepest.stop - deepest.trough
    return bars * facts.simulation.bar_seconds / DAY_SECONDS
