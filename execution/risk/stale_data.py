"""R7: market and position are fresh, and the book makes sense."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need, quote_of, timing_of


def check(facts: RiskInput) -> Finding:
    """Reject on old marks, old positions, and a crossed or one-sided book."""
    quote = quote_of(facts)
    now = timing_of(facts).now
    data_age = str((now - quote.at).total_seconds())
    position_age = (now - need(facts.position_at, "position_at")).total_seconds()
    numbers = {"data_age_s": data_age, "position_age_s": str(position_age)}
    if (now - quote.at).total_seconds() > facts.limits.max_data_age_s:
        return Finding("stale_market", numbers)
    if position_age > facts.limits.max_position_age_s:
        return Finding("stale_position", numbers)
    if quote.bid <= 0 or quote.ask <= 0 or quote.bid > quote.ask:
        return Finding("broken_book", {"bid": quote.bid, "ask": quote.ask})
    return Finding(numbers=numbers)


ROW = Row("R7", "stale_data", check)
