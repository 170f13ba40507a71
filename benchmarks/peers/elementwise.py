"""Steps of one cell in numpy and polars; runs in the peers' venv.

Numpy's write into a matrix that is there already, so that no page is touched for the first time
while they are timed. Polars' are expressions over a column an instrument.
"""

from collections.abc import Callable
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
import polars as pl

Matrix = np.ndarray
Step = dict[str, Any]


def add(out: Matrix, step: Step, *terms: Matrix) -> None:
    """Write the sum of the terms, some of them taken away."""
    plus = [term for term, sign in zip(terms, step["signs"], strict=True) if sign > 0]
    minus = [term for term, sign in zip(terms, step["signs"], strict=True) if sign < 0]
    if len(plus) > 1:
        np.add(plus[0], plus[1], out=out)
        rest, away = plus[2:], minus
    elif plus:
        np.subtract(plus[0], minus[0], out=out)
        rest, away = [], minus[1:]
    else:
        np.negative(minus[0], out=out)
        rest, away = [], minus[1:]
    for term in rest:
        np.add(out, term, out=out)
    for term in away:
        np.subtract(out, term, out=out)


def _folded(ufunc: np.ufunc) -> Callable[..., None]:
    """Make a step of a ufunc of two that goes on over more."""

    def write(out: Matrix, _step: Step, first: Matrix, second: Matrix, *more: Matrix) -> None:
        ufunc(first, second, out=out)
        for term in more:
            ufunc(out, term, out=out)

    return write


def _plain(ufunc: np.ufunc) -> Callable[..., None]:
    return lambda out, _step, x: ufunc(x, out=out)


def compared(ufunc: np.ufunc) -> Callable[..., None]:
    """Make a step of a comparison: 0, 1, or NaN where one side is missing."""

    def write(out: Matrix, _step: Step, left: Matrix, right: Matrix) -> None:
        ufunc(left, right, out=out)
        for side in (left, right):
            if isinstance(side, np.ndarray):
                np.copyto(out, np.nan, where=np.isnan(side))

    return write


def if_else(out: Matrix, _step: Step, test: Matrix, left: Matrix, right: Matrix) -> None:
    """Write the one or the other; NaN where the test is missing."""
    np.copyto(out, right)
    np.copyto(out, left, where=test > 0)
    np.copyto(out, np.nan, where=np.isnan(test))


def delay(out: Matrix, step: Step, x: Matrix) -> None:
    """Write the values of some bars ago."""
    bars = step["bars"]
    out[:, :bars] = np.nan
    out[:, bars:] = x[:, :-bars]


def delta(out: Matrix, step: Step, x: Matrix) -> None:
    """Write the change over some bars."""
    bars = step["bars"]
    out[:, :bars] = np.nan
    np.subtract(x[:, bars:], x[:, :-bars], out=out[:, bars:])


def returns(out: Matrix, step: Step, x: Matrix) -> None:
    """Write the change over some bars, over what was before."""
    bars = step["bars"]
    out[:, :bars] = np.nan
    np.divide(x[:, bars:], x[:, :-bars], out=out[:, bars:])
    np.subtract(out, 1.0, out=out)


def signed_power(out: Matrix, _step: Step, x: Matrix, exponent: Matrix) -> None:
    """Write the power of the size, with the sign of the value."""
    np.abs(x, out=out)
    np.power(out, exponent, out=out)
    np.copysign(out, x, out=out)


def slope_resid(out: Matrix, step: Step, x: Matrix, mean: Matrix, slope: Matrix) -> None:
    """Write the distance of the newest value from the line, of mean and slope."""
    np.multiply(slope, (step["bars"] - 1) / 2, out=out)
    np.add(out, mean, out=out)
    np.subtract(x, out, out=out)


NUMPY: dict[str, Callable[..., None]] = {
    "add": add,
    "mul": _folded(np.multiply),
    "div": _folded(np.divide),
    "max": _folded(np.maximum),
    "min": _folded(np.minimum),
    "pow": _folded(np.power),
    "neg": _plain(np.negative),
    "abs": _plain(np.abs),
    "log": _plain(np.log),
    "sign": _plain(np.sign),
    "lt": compared(np.less),
    "le": compared(np.less_equal),
    "gt": compared(np.greater),
    "ge": compared(np.greater_equal),
    "if_else": if_else,
    "delay": delay,
    "delta": delta,
    "returns": returns,
    "signed_power": signed_power,
    "ts_slope_resid": slope_resid,
}


def _summed(step: Step, *terms: pl.Expr) -> pl.Expr:
    total = terms[0] if step["signs"][0] > 0 else -terms[0]
    for term, sign in zip(terms[1:], step["signs"][1:], strict=True):
        total = total + term if sign > 0 else total - term
    return total


POLARS: dict[str, Callable[..., pl.Expr]] = {
    "add": _summed,
    "mul": lambda _step, *terms: reduce(mul, terms),
    "div": lambda _step, x, y: x / y,
    "neg": lambda _step, x: -x,
    "abs": lambda _step, x: x.abs(),
    "log": lambda _step, x: x.log(),
    "lt": lambda _step, x, y: (x < y).cast(pl.Float64),
    "if_else": lambda _step, test, x, y: pl.when(test > 0).then(x).when(test.is_not_null()).then(y),
    "delay": lambda step, x: x.shift(step["bars"]),
    "delta": lambda step, x: x.diff(step["bars"]),
    "returns": lambda step, x: x.pct_change(step["bars"]),
}
