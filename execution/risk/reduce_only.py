"""R20: under a kill switch only reductions leave, and they never flip a position."""

from collections.abc import Mapping

from ..kill_file import Level
from ..risk_input import RiskInput
from ..risk_row import Finding, Number, Row, need


def check(facts: RiskInput) -> Finding:
    """Reject what K5 forbids when a kill level is in force or the order says reduce-only."""
    level = need(facts.kill_level, "kill_level")
    exposure = facts.exposure()
    numbers: Mapping[str, Number] = {
        "position": exposure.position,
        "qty": facts.order.qty,
        "level": level.name,
    }
    if level is Level.NONE and not facts.order.is_reduce_only:
        return Finding(numbers=numbers)
    return Finding("" if facts.is_reducing() else "reduce_only", numbers)


ROW = Row("R20", "reduce_only", check)
