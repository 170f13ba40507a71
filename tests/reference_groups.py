"""What the operators over groups mean: one row of members, those of a group cut out."""

import math
import statistics
from collections.abc import Callable, Mapping

from alphaforge.tests.reference_basics import (
    NAN,
    Values,
    centred,
    deviation,
    is_constant,
    mean,
    rank_share,
)


def by_group(over: Callable[[list[float]], list[float]]) -> Callable[..., list[float]]:
    """Apply a function of a group's values to each group of a row."""

    def row(x: Values, group: Values) -> list[float]:
        parts = {name: [v for v, g in zip(x, group, strict=True) if g == name] for name in group}
        answers = {name: iter(over(values)) for name, values in parts.items()}
        return [next(answers[name]) for name in group]

    return row


def alike(over: Callable[[list[float]], float]) -> Callable[..., list[float]]:
    """Give each member what a function says of its group."""
    return by_group(lambda x: [over(x)] * len(x))


def ranks(x: list[float]) -> list[float]:
    return [rank_share([*x[:place], *x[place + 1 :], x[place]]) for place in range(len(x))]


def zscores(x: list[float]) -> list[float]:
    if len(x) < 2 or is_constant(x):
        return [NAN] * len(x)
    return [value / deviation(x) for value in centred(x)]


def scaled(x: list[float]) -> list[float]:
    low, high = min(x), max(x)
    return [(value - low) / (high - low) if high > low else NAN for value in x]


def weighted_means(x: Values, weight: Values, group: Values) -> list[float]:
    found = []
    for own, name in zip(weight, group, strict=True):
        triples = zip(x, weight, group, strict=True)
        pairs = [(v, w) for v, w, g in triples if g == name and w >= 0]
        total = math.fsum(w for _, w in pairs)
        first = pairs[0][0] if pairs else NAN
        top = math.fsum((v - first) * w for v, w in pairs)
        found.append(first + top / total if own >= 0 and total > 0 else NAN)
    return found


def crossed(a: Values, b: Values) -> list[float]:
    pairs = list(zip(a, b, strict=True))
    order = sorted(set(pairs))
    return [float(order.index(pair)) for pair in pairs]


# One row of finite values, inputs first.
ROWS: Mapping[str, Callable[..., list[float]]] = {
    "group_mean": alike(mean),
    "group_sum": alike(math.fsum),
    "group_median": alike(statistics.median),
    "group_std": alike(deviation),
    "group_min": alike(min),
    "group_max": alike(max),
    "group_count": lambda group: by_group(lambda x: [float(len(x))] * len(x))(group, group),
    "group_rank": by_group(ranks),
    "group_zscore": by_group(zscores),
    "group_scale": by_group(scaled),
    "group_weighted_mean": weighted_means,
    "group_cross": crossed,
}
