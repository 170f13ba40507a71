"""``alpha_annual``: what the book gains that its beta does not explain."""

from ..beside import beside
from ..facts import Facts, metric


@metric("alpha_annual")
def alpha_annual(facts: Facts) -> float | None:
    """Return (mean - beta x benchmark's mean) x bars a year."""
    pair = beside(facts)
    beta = None if pair is None else pair.beta
    if pair is None or beta is None:
        return None
    return float(pair.book.mean() - beta * pair.benchmark.mean()) * facts.year_bars
