"""What each operator means, slow and obvious: every window cut out, two passes, exact sums.

A reference takes the inputs of one window (oldest first, finite only where the operator is strict)
or of one row, and the operator's numbers. ``expected`` walks windows and rows; nothing is shared
with the kernels.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from alphaforge.tests import reference_cross, reference_groups
from alphaforge.tests.reference_basics import (
    NAN,
    Matrix,
    Values,
    centred,
    correlation,
    covariance,
    deviation,
    is_constant,
    mean,
    rank_share,
)
from alphaforge.tests.reference_pasts import PASTS, pasts, resampled


def zscore(x: Values) -> float:
    return NAN if len(x) < 2 or is_constant(x) else centred(x)[-1] / deviation(x)


def slope(x: Values) -> float:
    places = [float(place) for place in range(len(x))]
    return covariance(x, places) / covariance(places, places)


def quantile(x: Values, q: float) -> float:
    ordered = sorted(x)
    place = (len(x) - 1) * q
    low = int(place)
    high = min(low + 1, len(x) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def decay(x: Values) -> float:
    weights = range(1, len(x) + 1)
    total = math.fsum(weight * value for weight, value in zip(weights, x, strict=True))
    return total / sum(weights)


def bars_since(x: Values, extreme: float) -> float:
    return next(float(ago) for ago, value in enumerate(reversed(x)) if value == extreme)


def beta(x: Values, y: Values) -> float:
    return NAN if is_constant(y) else covariance(x, y) / covariance(y, y)


def residual(x: Values, y: Values) -> float:
    return centred(x)[-1] - beta(x, y) * centred(y)[-1]


def alpha(x: Values, y: Values) -> float:
    return mean(x) - beta(x, y) * mean(y)


def skewness(x: Values) -> float:
    count, deviations = len(x), centred(x)
    if is_constant(x):
        return NAN
    second, third = (math.fsum(d**power for d in deviations) / count for power in (2, 3))
    return math.sqrt(count * (count - 1)) / (count - 2) * third / (second * math.sqrt(second))


def kurtosis(x: Values) -> float:
    count, deviations = len(x), centred(x)
    if is_constant(x):
        return NAN
    second, fourth = (math.fsum(d**power for d in deviations) / count for power in (2, 4))
    excess = (count + 1) * (fourth / second**2 - 3) + 6
    return (count - 1) / ((count - 2) * (count - 3)) * excess


def fading(x: Values, factor: float) -> float:
    weights = [factor**age for age in reversed(range(len(x)))]
    total = math.fsum(weight * value for weight, value in zip(weights, x, strict=True))
    return total / math.fsum(weights)


def from_line(x: Values) -> float:
    return centred(x)[-1] - slope(x) * (len(x) - 1) / 2


def line_fit(x: Values) -> float:
    return correlation(x, [float(place) for place in range(len(x))]) ** 2


def place_of(x: Values, extreme: float) -> float:
    return float(list(x).index(extreme) + 1)


def before_change(x: Values) -> float:
    return next((value for value in reversed(x) if value != x[-1]), NAN)


def newest_finite(x: Values, k: int) -> float:
    there = [value for value in x if math.isfinite(value)]
    return there[-k] if len(there) >= k else NAN


def count_finite(x: Values) -> float:
    return float(sum(map(math.isfinite, x)))


def shock(x: Values) -> float:
    before = mean(x[:-1])
    return math.log1p((x[-1] - before) / before) if x[-1] > 0 and before > 0 else NAN


def parkinson(high: Values, low: Values) -> float:
    if min(*high, *low) <= 0:
        return NAN
    pairs = zip(high, low, strict=True)
    squares = [math.log1p((top - bottom) / bottom) ** 2 for top, bottom in pairs]
    return math.sqrt(mean(squares) / (4 * math.log(2)))


# One window, inputs first; a delay looks one bar further back than its count of bars.
WINDOWS: Mapping[str, Callable[..., float]] = {
    "ts_mean": mean,
    "ts_sum": math.fsum,
    "ts_product": math.prod,
    "ts_std": deviation,
    "ts_min": min,
    "ts_max": max,
    "ts_rank": rank_share,
    "ts_corr": correlation,
    "ts_cov": covariance,
    "ts_slope": slope,
    "ts_quantile": quantile,
    "ts_zscore": zscore,
    "ts_argmax": lambda x: bars_since(x, max(x)),
    "ts_argmin": lambda x: bars_since(x, min(x)),
    "decay_linear": decay,
    "decay_exp": fading,
    "ts_var": lambda x: covariance(x, x),
    "ts_skew": skewness,
    "ts_kurt": kurtosis,
    "ts_median": lambda x: quantile(x, 0.5),
    "ts_mad": lambda x: mean([abs(value) for value in centred(x)]),
    "ts_argmax_pos": lambda x: place_of(x, max(x)),
    "ts_argmin_pos": lambda x: place_of(x, min(x)),
    "ts_slope_r2": line_fit,
    "ts_slope_resid": from_line,
    "ts_beta": beta,
    "ts_alpha": alpha,
    "ts_residual": residual,
    "ts_r2": lambda x, y: correlation(x, y) ** 2,
    "last_diff_value": before_change,
    "parkinson": parkinson,
    "funding_carry": lambda x: -mean(x),
    "volume_shock": shock,
}
# One window, holes and all.
HOLED: Mapping[str, Callable[..., float]] = {
    "ts_backfill": lambda x: newest_finite(x, 1),
    "kth_element": lambda x, k: newest_finite(x, int(k)),
    "ts_count_finite": count_finite,
    "ts_count_nans": lambda x: len(x) - count_finite(x),
}
ENDS: Mapping[str, Callable[[float, float], float]] = {
    "delay": lambda _now, then: then,
    "delta": lambda now, then: now - then,
    "returns": lambda now, then: (now - then) / then if then else NAN,
}


def row_zscore(x: Values) -> list[float]:
    if len(x) < 2 or is_constant(x):
        return [NAN] * len(x)
    return [value / deviation(x) for value in centred(x)]


def row_scale(x: Values, gross: float) -> list[float]:
    total = math.fsum(map(abs, x))
    return [value * gross / total if total else NAN for value in x]


def row_winsorize(x: Values, limit: float) -> list[float]:
    if len(x) < 2:
        return list(x)
    reach = limit * deviation(x)
    return [min(max(value, mean(x) - reach), mean(x) + reach) for value in x]


def row_buckets(x: Values, count: int) -> list[float]:
    return [math.ceil(share * count - 1e-9) - 1.0 for share in reference_cross.row_ranks(x)]


def row_neutralize(x: Values, group: Values) -> list[float]:
    members = {name: [v for v, g in zip(x, group, strict=True) if g == name] for name in group}
    distances = {name: iter(centred(values)) for name, values in members.items()}
    return [next(distances[name]) for name in group]


# One row of finite values, inputs first.
ROWS: Mapping[str, Callable[..., list[float]]] = {
    "rank": reference_cross.row_ranks,
    "zscore": row_zscore,
    "scale": row_scale,
    "winsorize": row_winsorize,
    "bucket": row_buckets,
    "neutralize": row_neutralize,
    "market_mean": lambda x: [mean(x)] * len(x),
    **reference_cross.ROWS,
    **reference_groups.ROWS,
}


def truth(value: object) -> float:
    return 1.0 if value else 0.0


def choose(condition: float, then: float, otherwise: float) -> float:
    return NAN if math.isnan(condition) else then if condition else otherwise


def power(base: float, exponent: float) -> float:
    if base == 0.0 and exponent < 0.0:
        return NAN
    if base < 0.0 and not exponent.is_integer():
        return NAN
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return NAN


def signed_power(base: float, exponent: float) -> float:
    return float((base > 0) - (base < 0)) * power(abs(base), exponent)


# One cell. Missing inputs give a missing answer, but for those in ``SEES_MISSING``.
CELLS: Mapping[str, Callable[..., float]] = {
    "add": lambda x, y, z: x + y + z,
    "mul": lambda x, y, z: x * y * z,
    "max": max,
    "min": min,
    "and_": lambda x, y, z: truth(x != 0 and y != 0 and z != 0),
    "or_": lambda x, y, z: truth(x != 0 or y != 0 or z != 0),
    "not_": lambda x: truth(x == 0),
    "lt": lambda x, y: truth(x < y),
    "le": lambda x, y: truth(x <= y),
    "gt": lambda x, y: truth(x > y),
    "ge": lambda x, y: truth(x >= y),
    "eq": lambda x, y: truth(x == y),
    "ne": lambda x, y: truth(x != y),
    "div": lambda x, y: x / y if y else NAN,
    "neg": lambda x: -x,
    "abs": abs,
    "log": lambda x: math.log(x) if x > 0 else NAN,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else NAN,
    "exp": lambda x: math.exp(x) if x < 709 else NAN,
    "pow": power,
    "signed_power": signed_power,
    "if_else": choose,
    "is_nan": lambda x: truth(math.isnan(x)),
    **reference_cross.CELLS,
}
SEES_MISSING = {"is_nan", "if_else", *reference_cross.SEES_MISSING}


def expected(
    name: str, inputs: Sequence[Matrix], numbers: Mapping[str, float | str], first_bar: int
) -> Matrix:
    """Return what an operator should give for whole matrices."""
    if name in CELLS:
        out = cells(name, inputs)
    elif name in ROWS:
        out = rows(name, inputs, list(numbers.values()))
    elif name in PASTS:
        out = pasts(name, inputs, list(numbers.values()))
    elif name == "resample":
        out = resampled(inputs[0], int(numbers["bars"]), str(numbers["how"]), first_bar)
    else:
        out = windows(name, inputs, dict(numbers))
    return np.where(np.isfinite(out), out, NAN)  # An overflow is missing.


def cells(name: str, inputs: Sequence[Matrix]) -> Matrix:
    out: Matrix = np.full(inputs[0].shape, NAN)
    for place in np.ndindex(out.shape):
        found = [float(values[place]) for values in inputs]
        if name in SEES_MISSING or not any(map(math.isnan, found)):
            out[place] = CELLS[name](*found)
    return out


def all_finite(inputs: Sequence[Matrix]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.logical_and.reduce([np.isfinite(values) for values in inputs])
    return found


def rows(name: str, inputs: Sequence[Matrix], numbers: Sequence[float | str]) -> Matrix:
    out: Matrix = np.full(inputs[0].shape, NAN)
    for t in range(out.shape[0]):
        members = np.flatnonzero(all_finite([values[t] for values in inputs]))
        if members.size:
            row = ROWS[name](*(values[t, members].tolist() for values in inputs), *numbers)
            out[t, members] = row
    return out


def windows(name: str, inputs: Sequence[Matrix], numbers: dict[str, float | str]) -> Matrix:
    out: Matrix = np.full(inputs[0].shape, NAN)
    bars = int(numbers.pop("bars"))
    need = int(numbers.pop("min_periods", 0)) or bars
    length = bars + 1 if name in ENDS or name == "volume_shock" else bars
    for t, i in np.ndindex(out.shape):
        if t >= length - 1:
            cut = [values[t - length + 1 : t + 1, i] for values in inputs]
            out[t, i] = one_window(name, cut, numbers, need if length == bars else length)
    return out


def one_window(
    name: str, cut: Sequence[Matrix], numbers: dict[str, float | str], need: int
) -> float:
    if name in HOLED:
        return HOLED[name](cut[0].tolist(), *numbers.values())
    if name in ENDS:
        now, then = float(cut[0][-1]), float(cut[0][0])
        return NAN if math.isnan(then) else ENDS[name](now, then)
    is_there = all_finite(cut)
    is_lone = name == "ts_zscore" and not is_there[-1]  # The newest value is what is measured.
    if is_there.sum() < need or is_lone:
        return NAN
    return WINDOWS[name](*(values[is_there].tolist() for values in cut), *numbers.values())
