"""``cost_share``: how much of the gain trading ate."""

from ..facts import Facts, metric


@metric("cost_share")
def cost_share(facts: Facts) -> float | None:
    """Return fees and slippage over the gain before them (prices and funding).

    None when there was no gain to share.
    """
    simulation = facts.simulation
    gain = float(simulation.gain_of_name.sum() - simulation.funding.sum())
    if gain <= 0:
        return None
    return float(simulation.fees.sum() + simulation.slippage.sum()) / gain
