"""R8: an order follows its decision soon, and the decision its data."""

from collections.abc import Mapping

from ..risk_input import RiskInput
from ..risk_row import Finding, Number, Row, timing_of


def check(facts: RiskInput) -> Finding:
    """Reject when the decision or the bar behind the signal is too old."""
    timing = timing_of(facts)
    grace = facts.limits.max_signal_age_s
    decision_age = (timing.now - timing.decided_at).total_seconds()
    signal_age = (timing.now - timing.signal_at).total_seconds()
    numbers: Mapping[str, Number] = {
        "decision_age_s": str(decision_age),
        "signal_age_s": str(signal_age),
        "limit_s": grace,
        "signal_limit_s": timing.signal_age_max_s + grace,
    }
    if not 0 <= decision_age <= grace:
        return Finding("stale_decision", numbers)
    is_fresh = 0 <= signal_age <= timing.signal_age_max_s + grace
    return Finding("" if is_fresh else "stale_signal", numbers)


ROW = Row("R8", "stale_signal", check)
