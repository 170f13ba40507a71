"""A book's returns beside its benchmark's, bar by bar."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .facts import Facts, deviation_of, ratio_of

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Returns of the bars where both have one."""

    book: Series
    benchmark: Series

    @property
    def beta(self) -> float | None:
        """Return covariance over the benchmark's variance; nothing for a constant benchmark."""
        if deviation_of(self.benchmark) is None:
            return None
        off = self.benchmark - self.benchmark.mean()
        return ratio_of(float(off @ (self.book - self.book.mean())), float(off @ off))

    def capture(self, rows: NDArray[np.bool_]) -> float | None:
        """Divide the geometric mean returns over some bars."""
        return ratio_of(_growth(self.book[rows]), _growth(self.benchmark[rows]))


def beside(facts: Facts) -> Pair | None:
    """Pair the book with its benchmark; nothing without one."""
    if facts.benchmark is None:
        return None
    both = np.isfinite(facts.benchmark) & np.isfinite(facts.returns)
    return Pair(facts.returns[both], facts.benchmark[both]) if both.any() else None


def _growth(returns: Series) -> float | None:
    """Return the geometric mean return a bar; nothing for no bars or where all is lost."""
    if not len(returns) or returns.min() <= -1.0:
        return None
    return float(np.expm1(np.log1p(returns).mean()))
