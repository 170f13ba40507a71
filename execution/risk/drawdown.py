"""R22: a drawdown at its limit stops the account until two humans clear it."""

from ..kill_file import Level
from ..risk_input import RiskInput
from ..risk_row import Finding, Row, account_of


def check(facts: RiskInput) -> Finding:
    """Reject an increase, and pull STOP_NEW, at the limit below the high-water mark."""
    account = account_of(facts)
    limit = facts.limits.max_drawdown
    numbers = {"equity": account.equity, "high_water": account.high_water, "limit": limit}
    if account.equity > account.high_water * (1 - limit):
        return Finding(numbers=numbers)
    code = "" if facts.is_reducing() else "drawdown"
    return Finding(code, numbers, trip=Level.STOP_NEW)


ROW = Row("R22", "drawdown", check)
