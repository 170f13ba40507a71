"""R3: an order is neither larger nor smaller than plan and venue allow."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need


def check(facts: RiskInput) -> Finding:
    """Reject above the tighter maximum of plan and venue, and below the venue's minimum."""
    contract = need(facts.instrument, "instrument")
    limit = contract.qty_max
    if facts.limits.max_order_qty is not None:
        limit = min(limit, facts.limits.max_order_qty)
    numbers = {"qty": facts.order.qty, "limit": limit, "least": contract.qty_min}
    if facts.order.qty > limit:
        return Finding("order_qty", numbers)
    return Finding("order_qty_small" if facts.order.qty < contract.qty_min else "", numbers)


ROW = Row("R3", "max_order_qty", check)
