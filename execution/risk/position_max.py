"""R9: no instrument is held beyond its limit, open orders counted."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, above, notional_of


def check(facts: RiskInput) -> Finding:
    """Reject when the worst position after the order is above the limit; reductions may go."""
    if facts.is_reducing():
        return Finding(numbers={"is_reducing": True})
    worst = notional_of(facts.exposure().plus(facts.order))
    return above("max_position", worst, facts.limits.position_notional(), "notional")


ROW = Row("R9", "max_position", check)
