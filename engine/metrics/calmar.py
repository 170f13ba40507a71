"""``calmar``: yearly gain over the deepest fall."""

from ..facts import Facts, metric, ratio_of
from .annual_return import annual_return
from .max_drawdown import max_drawdown


@metric("calmar")
def calmar(facts: Facts) -> float | None:
    """Return annual_return / max_drawdown."""
    return ratio_of(annual_return(facts), max_drawdown(facts))
