"""R5: a price stays near the mark, and the mark near the index."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, quote_of

# The passive side may stand further off: there a price is useless before it is dangerous.
PASSIVE_FACTOR = 2


def check(facts: RiskInput) -> Finding:
    """Reject a price outside the collar, and any price while mark and index differ too much."""
    quote = quote_of(facts)
    collar = facts.limits.price_collar
    divergence = abs(quote.mark - quote.index) / quote.index
    above = (facts.order.price / quote.mark - 1) * facts.order.side.sign
    numbers = {
        "price": facts.order.price,
        "mark": quote.mark,
        "index": quote.index,
        "collar": collar,
        "divergence_max": facts.limits.max_index_divergence,
    }
    if divergence > facts.limits.max_index_divergence:
        return Finding("index_divergence", numbers)
    is_inside = -PASSIVE_FACTOR * collar <= above <= collar
    return Finding("" if is_inside else "price_collar", numbers)


ROW = Row("R5", "price_collar", check)
