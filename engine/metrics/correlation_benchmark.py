"""``correlation_benchmark``: whether the book is the benchmark in disguise."""

from ..beside import beside
from ..facts import Facts, mean_of, metric
from ..ranks import row_correlations


@metric("correlation_benchmark")
def correlation_benchmark(facts: Facts) -> float | None:
    """Return Pearson's correlation of returns with the benchmark's."""
    pair = beside(facts)
    if pair is None:
        return None
    return mean_of(row_correlations(pair.book[None], pair.benchmark[None]))
