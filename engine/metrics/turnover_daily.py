"""``turnover_daily``: how much of the book is traded a day."""

from ..facts import Facts, metric
from ..grid import DAY_SECONDS


@metric("turnover_daily")
def turnover_daily(facts: Facts) -> float | None:
    """Return traded notional (buys and sells) over equity, per day of the window."""
    simulation = facts.simulation
    days = len(simulation.turnover) * simulation.bar_seconds / DAY_SECONDS
    return float(simulation.turnover.sum()) / days
