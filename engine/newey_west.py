"""The standard error of a mean of values that may be alike from one to the next.

Newey and West (1987) with Bartlett's weights; the lags are ``floor(4 (n / 100)^(2/9))``, the
plug-in of Newey and West (1994) that statistics packages use, and the variance is taken
``n / (n - 1)`` times. Without lags this is the deviation (ddof 1) over the root of n.
"""

import math

import numpy as np
from numpy.typing import NDArray

VALUES_MIN = 2


def lags_of(count: int) -> int:
    """Choose how many lags count for that many values."""
    return min(int(4 * (count / 100) ** (2 / 9)), max(count - 1, 0))


def mean_and_error(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean of the finite values and its standard error; NaN below two values.

    Values that are missing are left out: those around them then count as neighbours.
    """
    known = values[np.isfinite(values)]
    count = len(known)
    if count < VALUES_MIN:
        return (math.nan, math.nan)
    mean = float(known.mean())
    off = known - mean
    total = float(off @ off)
    lags = lags_of(count)
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1)) * float(off[lag:] @ off[:-lag])
    # Bartlett's weights keep the sum at or above zero but for rounding.
    return mean, math.sqrt(max(total, 0.0) / (count - 1) / count)


def t_statistic(values: NDArray[np.float64]) -> float | None:
    """Return the mean over its standard error; nothing for a constant or for too few values."""
    known = values[np.isfinite(values)]
    if len(known) < VALUES_MIN or known.min() == known.max():
        return None
    mean, error = mean_and_error(known)
    return mean / error if error > 0 else None
