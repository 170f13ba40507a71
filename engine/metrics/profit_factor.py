"""``profit_factor``: what the winning positions gained over what the others lost."""

from ..facts import Facts, metric, ratio_of
from ..positions import gains_of_positions


@metric("profit_factor")
def profit_factor(facts: Facts) -> float | None:
    """Return the gains of winning positions over the losses of losing ones, after all costs."""
    gains = gains_of_positions(facts)
    if gains is None:
        return None
    return ratio_of(float(gains[gains > 0].sum()), 0.0 - float(gains[gains < 0].sum()))
