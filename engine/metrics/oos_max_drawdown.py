"""``oos_max_drawdown``: the deepest fall from a peak over the tests of a split."""

from ..facts import Facts, metric
from ..folds import drawdown_of


@metric("oos_max_drawdown")
def oos_max_drawdown(facts: Facts) -> float | None:
    """Return the largest fall of what the tests compound to, as a positive fraction."""
    return None if facts.tested is None else drawdown_of(facts.tested)
