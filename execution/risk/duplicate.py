"""R17: no intent goes twice, and no two intents say the same thing."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need


def check(facts: RiskInput) -> Finding:
    """Reject an intent already sent, and a twin of a recent order that is not a slice."""
    order = facts.order
    if not need(facts.is_intent_new, "is_intent_new"):
        return Finding("intent_sent", {"client_order_id": order.client_order_id})
    said = (order.symbol, order.side, order.qty, order.price)
    twins = [
        sent.client_order_id
        for sent in facts.recent
        if (sent.symbol, sent.side, sent.qty, sent.price) == said
        and sent.client_order_id != order.client_order_id
        and not (sent.is_slice and order.is_slice)
    ]
    return Finding("duplicate" if twins else "", {"twin": twins[0] if twins else ""})


ROW = Row("R17", "duplicate", check)
