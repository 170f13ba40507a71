"""``max_drawdown``: the deepest fall from a peak."""

from ..drawdowns import falls_of
from ..facts import Facts, metric


@metric("max_drawdown")
def max_drawdown(facts: Facts) -> float | None:
    """Return the largest fall of closing equity below its peak so far, as a positive fraction.

    The initial capital counts as the first peak.
    """
    return float(falls_of(facts.simulation.equity, facts.simulation.capital).max())
