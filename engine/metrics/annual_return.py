"""``annual_return``: the compound gain a year."""

from ..facts import Facts, metric


@metric("annual_return")
def annual_return(facts: Facts) -> float | None:
    """Return the yearly rate that compounds to the final equity; -1 for a ruined book."""
    growth = float(facts.simulation.equity[-1]) / facts.simulation.capital
    if growth <= 0:
        return -1.0
    try:
        return float(growth ** (facts.year_bars / len(facts.returns)) - 1.0)
    except OverflowError:
        return None
