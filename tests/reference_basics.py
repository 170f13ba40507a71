"""The statistics that the references of operators are made of: two passes, exact sums."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Values = Sequence[float]
NAN = math.nan


def mean(values: Values) -> float:
    """Take the mean around the first value, so that nothing is lost at high levels."""
    return values[0] + math.fsum(value - values[0] for value in values) / len(values)


def centred(values: Values) -> list[float]:
    """Return distances from the mean, corrected once: exact for values far from 0."""
    first = [value - values[0] for value in values]
    middle = math.fsum(first) / len(first)
    second = [value - middle for value in first]
    rest = math.fsum(second) / len(second)
    return [value - rest for value in second]


def is_constant(values: Values) -> bool:
    return all(left == right for left, right in pairwise(values))


def covariance(x: Values, y: Values) -> float:
    if len(x) < 2:
        return NAN
    if is_constant(x) or is_constant(y):
        return 0.0
    pairs = zip(centred(x), centred(y), strict=True)
    return math.fsum(one * two for one, two in pairs) / (len(x) - 1)


def deviation(x: Values) -> float:
    return math.sqrt(covariance(x, x)) if len(x) > 1 else NAN


def correlation(x: Values, y: Values) -> float:
    if len(x) < 2 or is_constant(x) or is_constant(y):
        return NAN
    return min(1.0, max(-1.0, covariance(x, y) / deviation(x) / deviation(y)))


def rank_share(x: Values) -> float:
    smaller = sum(value < x[-1] for value in x)
    equal = sum(value == x[-1] for value in x)
    return (smaller + (equal + 1) / 2) / len(x)
