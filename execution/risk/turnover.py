"""R29: a day trades no more than the plan says."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, above, account_of, quote_of


def check(facts: RiskInput) -> Finding:
    """Reject an increase that takes the day's traded notional above its multiple of capital."""
    if facts.is_reducing():
        return Finding(numbers={"is_reducing": True})
    traded = account_of(facts).traded_today + facts.order.qty * quote_of(facts).mark
    limit = facts.limits.max_turnover * facts.limits.capital
    return above("turnover", traded, limit, "traded")


ROW = Row("R29", "turnover", check)
