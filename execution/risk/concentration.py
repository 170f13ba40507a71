"""R13: one instrument is not too large a part of the book."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, above, notional_of
from ..steps import ZERO


def check(facts: RiskInput) -> Finding:
    """Reject when the order's instrument is more than its share of the allowed gross."""
    if facts.is_reducing():
        return Finding(numbers={"is_reducing": True})
    worst = notional_of(facts.exposure().plus(facts.order))
    gross = sum((notional_of(item) for item in facts.after()), ZERO)
    # Of the allowed gross while the book is being built: the first order is always all of it.
    base = max(gross, facts.limits.max_gross)
    return above("concentration", worst, facts.limits.max_concentration * base, "notional")


ROW = Row("R13", "concentration", check)
