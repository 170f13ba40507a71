"""``win_rate``: how many positions gained."""

from ..facts import Facts, metric, ratio_of
from ..positions import gains_of_positions


@metric("win_rate")
def win_rate(facts: Facts) -> float | None:
    """Return the share of positions, from entry to exit or flip, with a gain after all costs."""
    gains = gains_of_positions(facts)
    if gains is None:
        return None
    return ratio_of(float((gains > 0).sum()), float((gains != 0).sum()))
