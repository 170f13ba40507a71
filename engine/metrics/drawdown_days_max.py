"""``drawdown_days_max``: the longest time below a peak."""

from ..drawdowns import drawdowns_of
from ..facts import Facts, metric
from ..grid import DAY_SECONDS


@metric("drawdown_days_max")
def drawdown_days_max(facts: Facts) -> float | None:
    """Return the longest stretch of bars below an earlier peak, in days."""
    found = drawdowns_of(facts.simulation.equity, facts.simulation.capital)
    bars = max((fall.bars for fall in found), default=0)
    return bars * facts.simulation.bar_seconds / DAY_SECONDS
