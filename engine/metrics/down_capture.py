"""``down_capture``: how much of the benchmark the book takes along when that loses."""

from ..beside import beside
from ..facts import Facts, metric


@metric("down_capture")
def down_capture(facts: Facts) -> float | None:
    """Return the ratio of geometric mean returns over the bars where the benchmark loses."""
    pair = beside(facts)
    return None if pair is None else pair.capture(pair.benchmark < 0)
