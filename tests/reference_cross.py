"""What the operators across instruments mean: one row of finite values at a time."""

import math
from collections.abc import Callable, Mapping

from alphaforge.tests.reference_basics import Values, rank_share


def share_of(value: float) -> float:
    """Return the share of a normal population below a value."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def normal_quantile(share: float) -> float:
    """Halve an interval around the value with that share below it; the upper half is mirrored."""
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


# One row of finite values, inputs first.
ROWS: Mapping[str, Callable[..., list[float]]] = {
    "quantile": row_quantile,
}
