"""R26: the venue and our ledger hold the same position, or nothing leaves."""

from ..kill_file import Level
from ..risk_input import RiskInput
from ..risk_row import Finding, Row, need


def check(facts: RiskInput) -> Finding:
    """Reject, and pull STOP_NEW, when venue and ledger differ by more than a step."""
    step = need(facts.instrument, "instrument").qty_step
    venue = need(facts.venue_position, "venue_position")
    ledger = facts.exposure().position
    numbers = {"venue": venue, "ledger": ledger, "step": step}
    if abs(venue - ledger) <= step:
        return Finding(numbers=numbers)
    return Finding("position_drift", numbers, trip=Level.STOP_NEW)


ROW = Row("R26", "position_drift", check)
