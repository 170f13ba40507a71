"""What the operators across instruments mean: one row of finite values at a time."""

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from alphaforge.tests.reference_basics import NAN, Values, centred, is_constant, rank_share


def share_of(value: float) -> float:
    """Return the share of a normal population below a value."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def normal_quantile(share: float) -> float:
    """Halve an interval around the value with that share below it; the upper half is mirrored."""
    if share == 0.5:
        return 0.0
    if share > 0.5:
        return -normal_quantile(1.0 - share)
    low, high = -40.0, 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if share_of(middle) < share else (low, middle)
    return high


DRIVERS: Mapping[str, Callable[[float], float]] = {
    "gaussian": normal_quantile,
    "uniform": lambda share: share - 0.5,
    "cauchy": lambda share: math.tan(math.pi * (share - 0.5)),
}


def row_ranks(x: Values) -> list[float]:
    return [rank_share([*x[:place], *x[place + 1 :], x[place]]) for place in range(len(x))]


def row_quantile(x: Values, driver: str) -> list[float]:
    return [DRIVERS[driver](share - 0.5 / len(x)) for share in row_ranks(x)]


def row_truncate(x: Values, limit: float) -> list[float]:
    bound = limit * math.fsum(map(abs, x))
    return [min(max(value, -bound), bound) for value in x]


def row_scale_legs(x: Values, long: float, short: float) -> list[float]:
    above = math.fsum(value for value in x if value > 0)
    below = -math.fsum(value for value in x if value < 0)
    if not above and not below:
        return [NAN] * len(x)
    return [value * long / above if value > 0 else value * short / (below or 1.0) for value in x]


def row_vector_neut(x: Values, y: Values) -> list[float]:
    """Compute with fractions: nothing is rounded but the answer."""
    over = sum(Fraction(one) * Fraction(two) for one, two in zip(x, y, strict=True))
    under = sum(Fraction(two) ** 2 for two in y)
    if not under:
        return [NAN] * len(x)
    rest = over / under
    return [float(Fraction(one) - rest * Fraction(two)) for one, two in zip(x, y, strict=True)]


def row_regression_neut(x: Values, y: Values) -> list[float]:
    if is_constant(y):
        return [NAN] * len(x)
    left, right = list(map(Fraction, x)), list(map(Fraction, y))
    level, middle = sum(left) / len(left), sum(right) / len(right)
    over = sum((one - level) * (two - middle) for one, two in zip(left, right, strict=True))
    slope = over / sum((two - middle) ** 2 for two in right)
    pairs = zip(left, right, strict=True)
    return [float(one - level - slope * (two - middle)) for one, two in pairs]


# One row of finite values, inputs first.
ROWS: Mapping[str, Callable[..., list[float]]] = {
    "quantile": row_quantile,
    "normalize": centred,
    "truncate": row_truncate,
    "scale_legs": row_scale_legs,
    "vector_neut": row_vector_neut,
    "regression_neut": row_regression_neut,
}


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > -700 else math.exp(x)


# One cell; the ones in ``SEES_MISSING`` are asked about missing inputs too.
CELLS: Mapping[str, Callable[..., float]] = {
    "ceil": lambda x: float(math.ceil(x)),
    "floor": lambda x: float(math.floor(x)),
    "round": lambda x: float(round(x)),
    "tanh": math.tanh,
    "sigmoid": sigmoid,
    "norm_ppf": lambda x: normal_quantile(x) if 0 < x < 1 else NAN,
    "fill": lambda x, value: value if math.isnan(x) else x,
    "left_tail": lambda x, limit: x if x <= limit else NAN,
    "right_tail": lambda x, limit: x if x >= limit else NAN,
}
SEES_MISSING = {"fill"}
