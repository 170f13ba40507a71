"""R14: orders leave no faster than the plan says."""

from ..risk_input import RiskInput
from ..risk_row import Finding, Row, counters_of


def check(facts: RiskInput) -> Finding:
    """Reject when one more order is over the rate of a second, a minute or a day."""
    counters = counters_of(facts)
    limits = facts.limits
    windows = {
        "second": (counters.last_second, limits.max_orders_per_second),
        "minute": (counters.last_minute, limits.max_orders_per_minute),
        "day": (counters.last_day, limits.max_orders_per_day),
    }
    numbers = {f"last_{name}": count for name, (count, _) in windows.items()}
    over = [name for name, (count, limit) in windows.items() if count + 1 > limit]
    return Finding(f"order_rate_{over[0]}" if over else "", numbers)


ROW = Row("R14", "order_rate", check)
