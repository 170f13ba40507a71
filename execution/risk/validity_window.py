"""R30: orders leave inside the plan's window, by a clock that agrees with the venue's."""

from collections.abc import Mapping

from ..kill_file import Level
from ..risk_input import RiskInput
from ..risk_row import Finding, Number, Row, timing_of

SKEW_S_MAX = 1


def check(facts: RiskInput) -> Finding:
    """Reject outside the window, at its very end too, and with a skewed clock."""
    timing = timing_of(facts)
    numbers: Mapping[str, Number] = {"skew_s": timing.clock_skew_s, "skew_s_max": SKEW_S_MAX}
    is_open = timing.start_at <= timing.wall_now < timing.end_at
    # A kill switch that flattens needs no plan: it only takes away.
    is_flattening = facts.kill_level is Level.FLATTEN and facts.is_reducing()
    if not is_open and not is_flattening:
        return Finding("outside_window", numbers)
    return Finding("clock_skew" if abs(timing.clock_skew_s) > SKEW_S_MAX else "", numbers)


ROW = Row("R30", "clock_calendar", check)
