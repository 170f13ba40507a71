"""R1: every number is finite, positive and on the venue's grid."""

from decimal import Decimal

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need
from ..steps import is_multiple


def check(facts: RiskInput) -> Finding:
    """Reject a quantity or price that is not finite, not above zero, or finer than its step."""
    order = facts.order
    numbers = {"qty": _text(order.qty), "price": _text(order.price)}
    if not (order.qty.is_finite() and order.price.is_finite()):
        return Finding("not_finite", numbers)
    if order.qty <= 0 or order.price <= 0:
        return Finding("not_positive", numbers)
    contract = need(facts.instrument, "instrument")
    on_grid = is_multiple(order.qty, contract.qty_step) and is_multiple(
        order.price, contract.price_step
    )
    return Finding("" if on_grid else "off_grid", numbers)


def _text(value: Decimal) -> str:
    # As text: NaN has no canonical number, and the record must hold what was asked.
    return str(value)


ROW = Row("R1", "well_formed", check)
