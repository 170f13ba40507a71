"""How fast orders may leave: a full rate makes an order wait before it would be a reject (R14)."""

from ..policies.limits import Limits
from .risk_input import Counters


def is_full(counters: Counters, limits: Limits) -> bool:
    """Tell whether the next order has to wait, on the market's clock."""
    return (
        counters.last_second + 1 > limits.max_orders_per_second
        or counters.last_minute + 1 > limits.max_orders_per_minute
    )
