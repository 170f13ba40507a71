"""R19: few orders rest at a time."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, counters_of


def check(facts: RiskInput) -> Finding:
    """Reject when one more order rests than the plan allows."""
    count = counters_of(facts).open_orders
    limit = facts.limits.max_open_orders
    return Finding(
        "open_orders" if count + 1 > limit else "", {"open_orders": count, "limit": limit}
    )


ROW = Row("R19", "open_order_count", check)
