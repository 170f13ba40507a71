"""R24: many rejects or unknown outcomes stop the instrument."""

from collections.abc import Mapping

from ..kill_file import Level
from ..risk_input import RiskInput
from ..risk_row import Finding, Number, Row, counters_of


def check(facts: RiskInput) -> Finding:
    """Reject, and pull STOP_NEW on the instrument, after too many bad answers in a minute."""
    count = counters_of(facts).rejects_last_minute
    limit = facts.limits.max_rejects_per_minute
    numbers: Mapping[str, Number] = {"rejects": count, "limit": limit}
    if count <= limit:
        return Finding(numbers=numbers)
    return Finding("error_burst", numbers, trip=Level.STOP_NEW, trip_scope="instrument")


ROW = Row("R24", "error_burst", check)
