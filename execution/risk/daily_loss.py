"""R21: after the day's loss limit, only reductions."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, account_of


def check(facts: RiskInput) -> Finding:
    """Reject an increase once the day's loss, fees and funding included, is at the limit."""
    account = account_of(facts)
    loss = account.day_start_equity - account.equity
    limit = facts.limits.max_daily_loss
    numbers = {"loss": loss, "limit": limit}
    return Finding("daily_loss" if loss >= limit and not facts.is_reducing() else "", numbers)


ROW = Row("R21", "daily_loss", check)
