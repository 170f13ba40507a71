"""``omega``: gains over losses, bar by bar."""

from ..facts import Facts, metric, ratio_of


@metric("omega")
def omega(facts: Facts) -> float | None:
    """Return the sum of gains over the sum of losses; None without a loss."""
    returns = facts.returns
    return ratio_of(float(returns[returns > 0].sum()), 0.0 - float(returns[returns < 0].sum()))
