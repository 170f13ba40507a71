"""``oos_sharpe``: the Sharpe ratio of the tests of a split, one after the other."""

from ..facts import Facts, metric
from ..folds import sharpe_of


@metric("oos_sharpe")
def oos_sharpe(facts: Facts) -> float | None:
    """Return the annual Sharpe ratio of all test segments; nothing without a split."""
    return None if facts.tested is None else sharpe_of(facts.tested, facts.simulation.bar_seconds)
