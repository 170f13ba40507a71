"""R4: an order is small beside the plan's limit and the instrument's volume of a day."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need, quote_of


def check(facts: RiskInput) -> Finding:
    """Reject above the plan's notional, and above its share of the volume of 24 hours."""
    contract = need(facts.instrument, "instrument")
    quote = quote_of(facts)
    notional = abs(facts.order.qty) * contract.contract_multiplier * quote.mark
    share = facts.limits.max_volume_share * need(quote.volume_day, "volume_day")
    numbers = {
        "notional": notional,
        "limit": facts.limits.max_order_notional,
        "volume_limit": share,
    }
    if notional > facts.limits.max_order_notional:
        return Finding("order_notional", numbers)
    return Finding("volume_share" if notional > share else "", numbers)


ROW = Row("R4", "max_order_notional", check)
