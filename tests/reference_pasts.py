"""What operators mean that remember an instrument's whole past, or count from the epoch.

Nothing is carried on: each bar is answered from all bars before it.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Values = Sequence[float]
NAN = math.nan


def whole_ema(x: Values, bars: float) -> list[float]:
    out, keeps = [], 1 - 2 / (bars + 1)
    for t, value in enumerate(x):
        ages = [age for age in range(t + 1) if math.isfinite(x[t - age])]
        is_known = math.isfinite(value) and len(ages) >= bars
        weights = [keeps**age for age in ages]
        terms = [keeps**age * (x[t - age] - value) for age in ages]
        out.append(value + math.fsum(terms) / math.fsum(weights) if is_known else NAN)
    return out


def whole_hump(x: Values, limit: float) -> list[float]:
    out: list[float] = []
    for value in x:
        known = [stood for stood in out if math.isfinite(stood)]
        move = value - known[-1] if known else 0.0
        out.append(known[-1] + min(max(move, -limit), limit) if known else value)
        if abs(move) <= limit or math.isnan(value):
            out[-1] = value
    return out


def whole_trade(trigger: Values, taken: Values, leave: Values) -> list[float]:
    out, held = [], NAN
    for enters, value, leaves in zip(trigger, taken, leave, strict=True):
        is_decided = not math.isnan(leaves) and (leaves != 0 or not math.isnan(enters))
        if is_decided:
            held = NAN if leaves else value if enters else held
        out.append(held if is_decided else NAN)
    return out


def whole_age(x: Values) -> list[float]:
    out = []
    for t, value in enumerate(x):
        there = [at for at in range(t + 1) if math.isfinite(x[at])]
        others = [at for at in there if x[at] != value]
        same = [at for at in there if not others or at > others[-1]]
        out.append(float(t - same[0]) if math.isfinite(value) else NAN)
    return out


def whole_step(x: Values) -> list[float]:
    there = [t for t, value in enumerate(x) if math.isfinite(value)]
    return [t - there[0] + 1.0 if math.isfinite(value) else NAN for t, value in enumerate(x)]


# One instrument's whole past.
PASTS: Mapping[str, Callable[..., list[float]]] = {
    "ema": whole_ema,
    "hump": whole_hump,
    "trade_when": whole_trade,
    "bars_since_change": whole_age,
    "ts_step": whole_step,
}
FOLDS: Mapping[str, Callable[[Values], float]] = {
    "first": lambda x: x[0],
    "last": lambda x: x[-1],
    "min": lambda x: NAN if any(map(math.isnan, x)) else min(x),
    "max": lambda x: NAN if any(map(math.isnan, x)) else max(x),
    "sum": math.fsum,
    "mean": lambda x: math.fsum(x) / len(x),
}


def pasts(name: str, inputs: Sequence[Matrix], numbers: Sequence[float | str]) -> Matrix:
    columns = zip(*(values.T.tolist() for values in inputs), strict=True)
    return np.array([PASTS[name](*column, *numbers) for column in columns]).T


def resampled(x: Matrix, bars: int, how: str, first_bar: int) -> Matrix:
    out: Matrix = np.full(x.shape, NAN)
    for t, i in np.ndindex(out.shape):
        closed = (first_bar + t + 1) // bars * bars - first_bar  # The row after the period.
        if t >= 2 * bars - 2:
            out[t, i] = FOLDS[how](x[closed - bars : closed, i].tolist())
    return out
