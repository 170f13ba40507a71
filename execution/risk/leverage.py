"""R11: the book is small enough for the equity, and the account set as planned."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, account_of, notional_of
from ..steps import ZERO


def check(facts: RiskInput) -> Finding:
    """Reject above the plan's leverage, without equity, and in another margin or position mode."""
    account = account_of(facts)
    modes = (account.margin_mode, account.position_mode)
    planned = (facts.margin_mode, facts.position_mode)
    if modes != planned:
        return Finding("account_mode", {"modes": "/".join(modes), "plan": "/".join(planned)})
    if facts.is_reducing():
        return Finding(numbers={"is_reducing": True})
    gross = sum((notional_of(item) for item in facts.after()), ZERO)
    limit = facts.limits.max_leverage
    numbers = {"gross": gross, "equity": account.equity, "limit": limit}
    # Compared without dividing: no equity at all must not become a division by zero.
    is_covered = account.equity > 0 and gross <= limit * account.equity
    return Finding("" if is_covered else "max_leverage", numbers)


ROW = Row("R11", "leverage", check)
