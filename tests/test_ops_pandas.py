"""Operators against pandas where both mean the same; and where running sums are known to lie."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from alphaforge.dsl.nodes import Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, operators, panel_of, walk_of

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
BARS = 12
X, Y = Field("x"), Field("y")
FIELDS = {"x": walk_of(1, 1.0), "y": walk_of(2, 1.0)}


def evaluate(node: Node, fields: dict[str, Matrix]) -> Matrix:
    return EVALUATOR.evaluate([node], panel_of(fields, first_bar=5))[0]


def node(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def rolling(fields: dict[str, Matrix]) -> "pd.core.window.Rolling":
    return pd.DataFrame(fields["x"]).rolling(BARS)


SAME: dict[str, tuple[Node, Callable[[], pd.DataFrame]]] = {
    "ts_mean": (node("ts_mean", X, BARS), lambda: rolling(FIELDS).mean()),
    "ts_sum": (node("ts_sum", X, BARS), lambda: rolling(FIELDS).sum()),
    "ts_std": (node("ts_std", X, BARS), lambda: rolling(FIELDS).std()),
    "ts_var": (node("ts_var", X, BARS), lambda: rolling(FIELDS).var()),
    "ts_median": (node("ts_median", X, BARS), lambda: rolling(FIELDS).median()),
    "ts_mad": (
        node("ts_mad", X, BARS),
        lambda: rolling(FIELDS).apply(lambda x: np.abs(x - x.mean()).mean(), raw=True),
    ),
    "ts_argmax_pos": (
        node("ts_argmax_pos", X, BARS),
        lambda: rolling(FIELDS).apply(lambda x: np.argmax(x) + 1.0, raw=True),
    ),
    "ts_argmin_pos": (
        node("ts_argmin_pos", X, BARS),
        lambda: rolling(FIELDS).apply(lambda x: np.argmin(x) + 1.0, raw=True),
    ),
    "ema": (
        node("ema", X, BARS),
        lambda: (
            pd.DataFrame(FIELDS["x"])
            .ewm(span=BARS, min_periods=BARS, adjust=True, ignore_na=False)
            .mean()
            .where(np.isfinite(FIELDS["x"]))
        ),  # pandas repeats the last value at a missing bar.
    ),
    "ts_min": (node("ts_min", X, BARS), lambda: rolling(FIELDS).min()),
    "ts_max": (node("ts_max", X, BARS), lambda: rolling(FIELDS).max()),
    "ts_rank": (node("ts_rank", X, BARS), lambda: rolling(FIELDS).rank(pct=True)),
    "ts_quantile": (node("ts_quantile", X, BARS, 0.2), lambda: rolling(FIELDS).quantile(0.2)),
    "ts_cov": (node("ts_cov", X, Y, BARS), lambda: rolling(FIELDS).cov(pd.DataFrame(FIELDS["y"]))),
    "rank": (node("rank", X), lambda: pd.DataFrame(FIELDS["x"]).rank(axis=1, pct=True)),
    "delta": (node("delta", X, BARS), lambda: pd.DataFrame(FIELDS["x"]).diff(BARS)),
    "returns": (
        node("returns", X, BARS),
        lambda: pd.DataFrame(FIELDS["x"]).pct_change(BARS, fill_method=None),
    ),
}


@pytest.mark.parametrize("name", sorted(SAME))
def test_values_are_those_of_pandas(name: str) -> None:
    ours, theirs = SAME[name]
    got, want = evaluate(ours, FIELDS), np.asarray(theirs(), dtype=np.float64)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["skew", "kurt"])
def test_higher_moments_are_those_of_pandas_but_for_constant_windows(name: str) -> None:
    got = evaluate(node(f"ts_{name}", X, BARS), FIELDS)
    want = getattr(rolling(FIELDS), name)().to_numpy()
    constant = is_constant(FIELDS["x"], BARS) > 0.0
    assert constant[BARS - 1 :].any()
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want) | constant)
    # pandas gathers the moments around 0, and loses digits where windows hardly move.
    np.testing.assert_allclose(got[~np.isnan(got)], want[~np.isnan(got)], rtol=1e-6, atol=1e-6)


def test_gaps_are_filled_and_counted_as_in_pandas() -> None:
    frame = pd.DataFrame(FIELDS["x"])
    filled = evaluate(node("ts_backfill", X, BARS), FIELDS)[BARS - 1 :]
    np.testing.assert_array_equal(filled, frame.ffill(limit=BARS - 1).to_numpy()[BARS - 1 :])
    counted = evaluate(node("ts_count_finite", X, BARS), FIELDS)[BARS - 1 :]
    np.testing.assert_array_equal(counted, rolling(FIELDS).count().to_numpy()[BARS - 1 :])


@pytest.mark.parametrize(("how", "fold"), [("last", "last"), ("max", "max"), ("mean", "mean")])
def test_resampled_bars_are_those_of_pandas_once_they_are_closed(how: str, fold: str) -> None:
    values = np.exp(np.random.default_rng(3).standard_normal((200, 3)).cumsum(axis=0) * 0.01)
    times = pd.to_datetime(np.arange(200) * 3600, unit="s")
    periods = getattr(pd.DataFrame(values, index=times).resample("8h"), fold)()
    # A period of pandas bears the time it opens at; it is known seven bars later.
    known = periods.set_axis(periods.index + pd.Timedelta(hours=7)).reindex(times).ffill()
    panel = panel_of({"x": values})
    got = EVALUATOR.evaluate([node("resample", X, 8, how)], panel)[0]
    np.testing.assert_allclose(got[14:], known.to_numpy()[14:], rtol=1e-13)
    assert np.isnan(got[:14]).all()


def test_a_relaxed_window_is_that_of_pandas_once_the_panel_is_long_enough() -> None:
    got = evaluate(node("ts_mean", X, BARS, 4), FIELDS)
    want = pd.DataFrame(FIELDS["x"]).rolling(BARS, min_periods=4).mean().to_numpy()
    np.testing.assert_allclose(got[BARS - 1 :], want[BARS - 1 :], rtol=1e-12)
    assert np.isfinite(got).sum() > np.isfinite(evaluate(node("ts_mean", X, BARS), FIELDS)).sum()
    assert np.isnan(got[: BARS - 1]).all()  # A window that began before the panel is not known.


def mostly_constant(bars: int) -> Matrix:
    """Return a walk that rarely moves: most windows are constant, at levels far from 0."""
    rng = np.random.default_rng(8)
    moves = rng.standard_normal((2000, 20)) * (rng.random((2000, 20)) < 0.02)
    moves[:bars] = 0.0
    return 1e5 + moves.cumsum(axis=0)


def is_constant(values: Matrix, bars: int) -> Matrix:
    windows = np.lib.stride_tricks.sliding_window_view(values, bars, axis=0)
    found = np.ones(values.shape)
    found[bars - 1 :] = (windows == windows[..., :1]).all(axis=-1)
    return found


@pytest.mark.parametrize("bars", [2, 5, 24])
def test_E2_constant_windows_are_told_exactly_and_no_others(bars: int) -> None:
    values = mostly_constant(bars)
    fields = {"x": values, "y": np.random.default_rng(1).standard_normal(values.shape)}
    constant = is_constant(values, bars) > 0.0
    assert constant[bars - 1 :].mean() > 0.6
    missing = {
        "ts_corr": (X, Y, bars),
        "ts_r2": (X, Y, bars),
        "ts_beta": (Y, X, bars),
        "ts_alpha": (Y, X, bars),
        "ts_residual": (Y, X, bars),
        "ts_zscore": (X, bars),
        "ts_slope_r2": (X, bars),
        "last_diff_value": (X, bars),
        **({"ts_skew": (X, bars), "ts_kurt": (X, bars)} if bars > 3 else {}),
    }
    for name, arguments in missing.items():
        got = evaluate(node(name, *arguments), fields)
        np.testing.assert_array_equal(np.isnan(got), constant, err_msg=name)
    corr = evaluate(node("ts_corr", X, Y, bars), fields)
    assert np.nanmax(np.abs(corr)) <= 1.0
    for name in ("ts_std", "ts_var", "ts_mad"):
        deviation = evaluate(node(name, X, bars), fields)[bars - 1 :]
        np.testing.assert_array_equal(deviation == 0.0, constant[bars - 1 :], err_msg=name)


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e-3, 1.0])
def test_E1_cheap_coins_lose_no_correlation(scale: float) -> None:
    fields = {name: values * scale for name, values in FIELDS.items()}
    for name in ("ts_corr", "ts_r2", "ts_beta"):
        got = evaluate(node(name, X, Y, BARS), fields)
        want = evaluate(node(name, X, Y, BARS), FIELDS)
        np.testing.assert_array_equal(np.isnan(got), np.isnan(want), err_msg=name)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12, err_msg=name)
    for name in ("ts_skew", "ts_kurt", "ts_slope_r2"):
        got, want = (evaluate(node(name, X, BARS), found) for found in (fields, FIELDS))
        np.testing.assert_array_equal(np.isnan(got), np.isnan(want), err_msg=name)
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6, err_msg=name)


def test_one_infinity_is_forgotten_with_its_window() -> None:
    values = np.random.default_rng(2).standard_normal((300, 3))
    values[100, 1] = np.inf
    for name in ("ts_sum", "ts_std", "ts_slope", "decay_linear", "ts_max", "ts_rank", "ts_product"):
        got = evaluate(node(name, X, BARS), {"x": values})
        assert np.isnan(got[100 : 100 + BARS, 1]).all(), name
        assert np.isfinite(got[100 + BARS :]).all(), name


def test_ts_argmax_counts_bars_ago_and_takes_the_most_recent_of_equals() -> None:
    values = np.array([[1.0], [5.0], [2.0], [5.0], [4.0], [3.0], [1.0]])
    got = evaluate(node("ts_argmax", X, 4), {"x": values})[:, 0]
    np.testing.assert_array_equal(got[3:], [0.0, 1.0, 2.0, 3.0])


def test_decay_linear_gives_the_newest_bar_the_largest_weight() -> None:
    values = np.array([[0.0], [0.0], [6.0]])
    assert evaluate(node("decay_linear", X, 3), {"x": values})[2, 0] == 3.0


def test_missing_data_is_neither_true_nor_false() -> None:
    values = np.array([[np.nan, 1.0, 2.0]])
    fields = {"x": values, "y": np.array([[1.0, np.nan, 1.0]])}
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        assert np.isnan(evaluate(node(name, X, Y), fields)[0, :2]).all(), name
    for name in ("and_", "or_"):
        assert np.isnan(evaluate(node(name, (X, Y)), fields)[0, :2]).all(), name
    assert np.isnan(evaluate(node("not_", X), fields)[0, 0])


def test_a_hole_in_the_branch_not_taken_does_no_harm() -> None:
    fields = {
        "x": np.array([[1.0, 0.0, np.nan]]),
        "y": np.array([[7.0, np.nan, 7.0]]),
        "z": np.array([[np.nan, 9.0, 9.0]]),
    }
    got = evaluate(node("if_else", X, Y, Field("z")), fields)
    np.testing.assert_array_equal(got, [[7.0, 9.0, np.nan]])


def test_a_missing_value_to_the_power_of_nothing_is_missing() -> None:
    fields = {"x": np.array([[np.nan, 2.0, 0.0]]), "y": np.array([[0.0, np.nan, -1.0]])}
    assert np.isnan(evaluate(node("pow", X, Y), fields)).all()
    assert np.isnan(evaluate(node("signed_power", X, Y), fields)).all()


@pytest.mark.parametrize("exponent", [2.0, 3.0, -2.0, -1.0, 4.0])
def test_a_power_of_a_negative_is_that_of_its_size_to_the_bit(exponent: float) -> None:
    base = np.random.default_rng(3).standard_normal((200, 20)) * 1e-4
    fields = {"x": base, "y": np.full_like(base, exponent)}
    got, of_size = (evaluate(node("pow", X, Y), fields | {"x": x}) for x in (base, np.abs(base)))
    sign = np.sign(base) if exponent % 2 else np.ones_like(base)
    np.testing.assert_array_equal(got, sign * of_size)
    np.testing.assert_allclose(got, base**exponent, rtol=1e-14)
