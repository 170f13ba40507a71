"""R10: the book as a whole stays inside gross and net, open orders counted."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need, notional_of
from ..steps import ZERO


def check(facts: RiskInput) -> Finding:
    """Reject when worst gross or worst net after the order is above its limit."""
    if facts.is_reducing():
        return Finding(numbers={"is_reducing": True})
    after = facts.after()
    gross = sum((notional_of(item) for item in after), ZERO)
    marks = {item.symbol: need(item.mark, f"mark of {item.symbol}") for item in after}
    highest = sum((item.highest() * marks[item.symbol] for item in after), ZERO)
    lowest = sum((item.lowest() * marks[item.symbol] for item in after), ZERO)
    net = max(abs(highest), abs(lowest))
    limits = facts.limits
    numbers = {"gross": gross, "gross_max": limits.max_gross, "net": net, "net_max": limits.net()}
    if gross > limits.max_gross:
        return Finding("max_gross", numbers)
    return Finding("max_net" if net > limits.net() else "", numbers)


ROW = Row("R10", "gross_net", check)
