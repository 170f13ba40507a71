"""R2: only instruments of the plan that trade now, in the plan's currency."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need


def check(facts: RiskInput) -> Finding:
    """Reject what the plan does not list, what is restricted, and what does not trade."""
    symbol = facts.order.symbol
    if symbol not in facts.allowed:
        return Finding("not_in_plan", {"symbol": symbol})
    if symbol in facts.restricted:
        return Finding("restricted", {"symbol": symbol})
    contract = need(facts.instrument, "instrument")
    if not contract.is_trading:
        return Finding("not_trading", {"symbol": symbol})
    if contract.settle != facts.settle:
        return Finding("wrong_settle", {"settle": contract.settle, "plan": facts.settle})
    return Finding(numbers={"symbol": symbol})


ROW = Row("R2", "instrument_allowed", check)
