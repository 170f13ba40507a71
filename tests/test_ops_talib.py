"""Operators against TA-Lib where both mean the same, and where they differ, by how much.

Strict windows over whole columns: TA-Lib has no notion of a hole amid a column.
"""

from collections.abc import Callable

import numpy as np
import pytest
import talib

from alphaforge.dsl.nodes import Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, operators, panel_of

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
BARS, ROWS = 14, 400
X, Y = Field("x"), Field("y")
SCALES = (1e-6, 1.0, 1e8)


def column(seed: int, scale: float) -> Matrix:
    steps = np.random.default_rng(seed).standard_normal(ROWS)
    return np.asarray(scale * np.exp(0.01 * steps.cumsum()), dtype=np.float64)


def ours(name: str, x: Matrix, *arguments: object, y: Matrix | None = None) -> Matrix:
    fields = {"x": x[:, None]} | ({} if y is None else {"y": y[:, None]})
    node = operators()[name](*arguments)
    return np.asarray(EVALUATOR.evaluate([node], panel_of(fields))[0][:, 0])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("ts_mean", "SMA"),
        ("ts_sum", "SUM"),
        ("ts_min", "MIN"),
        ("ts_max", "MAX"),
        ("decay_linear", "WMA"),
        ("ts_slope", "LINEARREG_SLOPE"),
    ],
)
def test_values_are_those_of_talib(name: str, function: str, scale: float) -> None:
    x = column(1, scale)
    theirs = getattr(talib, function)(x, timeperiod=BARS)
    np.testing.assert_allclose(ours(name, x, X, BARS), theirs, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("scale", SCALES)
def test_lags_are_those_of_talib(scale: float) -> None:
    x = column(1, scale)
    np.testing.assert_array_equal(ours("delta", x, X, BARS), talib.MOM(x, timeperiod=BARS))
    theirs = talib.ROCP(x, timeperiod=BARS)
    np.testing.assert_allclose(ours("returns", x, X, BARS), theirs, rtol=1e-12, atol=1e-14)


def test_the_deviation_divides_by_one_less_than_that_of_talib() -> None:
    x = column(1, 1.0)
    theirs = talib.STDDEV(x, timeperiod=BARS) * np.sqrt(BARS / (BARS - 1))
    np.testing.assert_allclose(ours("ts_std", x, X, BARS), theirs, rtol=1e-7)
    variance = talib.VAR(x, timeperiod=BARS) * BARS / (BARS - 1)
    np.testing.assert_allclose(ours("ts_var", x, X, BARS), variance, rtol=1e-7)


def test_correlation_is_that_of_talib_at_prices_of_one() -> None:
    x, y = column(1, 1.0), column(2, 1.0)
    got = ours("ts_corr", x, X, Y, BARS, y=y)
    np.testing.assert_allclose(got, talib.CORREL(x, y, timeperiod=BARS), rtol=1e-6, atol=1e-6)


def test_positions_of_extremes_count_from_the_other_end_in_talib() -> None:
    x = column(1, 1.0)
    at = np.arange(BARS - 1, ROWS)
    theirs = talib.MAXINDEX(x, timeperiod=BARS)[BARS - 1 :]
    np.testing.assert_array_equal(ours("ts_argmax", x, X, BARS)[BARS - 1 :], at - theirs)
    theirs = talib.MININDEX(x, timeperiod=BARS)[BARS - 1 :]
    np.testing.assert_array_equal(ours("ts_argmin", x, X, BARS)[BARS - 1 :], at - theirs)


def test_the_exponential_mean_of_talib_starts_from_a_plain_one_and_comes_to_ours() -> None:
    x = column(1, 1.0)
    got, theirs = ours("ema", x, X, BARS), talib.EMA(x, timeperiod=BARS)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(theirs))
    assert np.abs(got - theirs)[BARS] > 1e-6
    np.testing.assert_allclose(got[20 * BARS :], theirs[20 * BARS :], rtol=1e-12)


def test_a_hole_is_forgotten_by_our_mean_and_never_by_that_of_talib() -> None:
    x = column(1, 1.0)
    x[100] = np.nan
    assert np.isfinite(ours("ts_mean", x, X, BARS)[100 + BARS :]).all()
    assert np.isnan(talib.SMA(x, timeperiod=BARS)[100:]).all()


def test_F10_a_quotient_by_zero_is_missing() -> None:
    fields = {"x": np.array([[1.0, -1.0, 0.0, 2.0]]), "y": np.array([[0.0, 0.0, 0.0, 4.0]])}
    make: Callable[..., Node] = operators()["div"]
    got = EVALUATOR.evaluate([make(X, Y)], panel_of(fields))[0]
    np.testing.assert_array_equal(got, [[np.nan, np.nan, np.nan, 0.5]])


@pytest.mark.parametrize("name", ["ts_argmax", "ts_argmin", "ts_argmax_pos", "ts_argmin_pos"])
def test_E5_a_hole_is_no_extreme(name: str) -> None:
    x = column(1, 1.0)
    x[100] = np.nan
    got = ours(name, x, X, BARS)
    assert np.isnan(got[100 : 100 + BARS]).all()
    x[:101] = 7.0  # What left the window is of no account.
    np.testing.assert_array_equal(got[100 + BARS :], ours(name, x, X, BARS)[100 + BARS :])
