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
    for name, arguments in {"ts_corr": (X, Y, bars), "ts_zscore": (X, bars)}.items():
        got = evaluate(node(name, *arguments), fields)
        np.testing.assert_array_equal(np.isnan(got), constant, err_msg=name)
    corr = evaluate(node("ts_corr", X, Y, bars), fields)
    assert np.nanmax(np.abs(corr)) <= 1.0
    deviation = evaluate(node("ts_std", X, bars), fields)[bars - 1 :]
    np.testing.assert_array_equal(deviation == 0.0, constant[bars - 1 :])


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e-3, 1.0])
def test_E1_cheap_coins_lose_no_correlation(scale: float) -> None:
    fields = {name: values * scale for name, values in FIELDS.items()}
    got = evaluate(node("ts_corr", X, Y, BARS), fields)
    want = evaluate(node("ts_corr", X, Y, BARS), FIELDS)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)


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
