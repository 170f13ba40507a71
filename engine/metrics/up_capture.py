"""``up_capture``: how much of the benchmark the book takes along when that gains."""

from ..beside import beside
from ..facts import Facts, metric


@metric("up_capture")
def up_capture(facts: Facts) -> float | None:
    """Return the ratio of geometric mean returns over the bars where the benchmark gains."""
    pair = beside(facts)
    return None if pair is None else pair.capture(pair.benchmark > 0)
