"""Operators across instruments and within groups: hand numbers, pandas, edges of the universe."""

import math
import statistics
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from alphaforge.dsl.nodes import Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.reference_cross import normal_quantile
from alphaforge.tests.samples import Matrix, operators, panel_of, walk_of

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
NAN = math.nan
X, Y, GROUP = Field("x"), Field("y"), Field("group")


def node(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def evaluate(made: Node, fields: dict[str, Matrix]) -> Matrix:
    return EVALUATOR.evaluate([made], panel_of(fields))[0]


def row(made: Node, **fields: list[float]) -> list[float]:
    """Evaluate one bar."""
    rows = {name: np.array([values], dtype=np.float64) for name, values in fields.items()}
    found: list[float] = evaluate(made, rows)[0].tolist()
    return found


def assert_row(found: list[float], wanted: list[float]) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-15, atol=0)


def test_numbers_worked_out_by_hand() -> None:
    x, group = [1.0, 2.0, 4.0, NAN, 9.0], [0.0, 0.0, 1.0, 1.0, NAN]
    for name, wanted in {
        "group_mean": [1.5, 1.5, 4.0, NAN, NAN],
        "group_sum": [3.0, 3.0, 4.0, NAN, NAN],
        "group_median": [1.5, 1.5, 4.0, NAN, NAN],
        "group_min": [1.0, 1.0, 4.0, NAN, NAN],
        "group_max": [2.0, 2.0, 4.0, NAN, NAN],
        "group_rank": [0.5, 1.0, 1.0, NAN, NAN],
        "group_scale": [0.0, 1.0, NAN, NAN, NAN],
        "group_std": [math.sqrt(0.5), math.sqrt(0.5), NAN, NAN, NAN],
        "group_zscore": [-math.sqrt(0.5), math.sqrt(0.5), NAN, NAN, NAN],
        "neutralize": [-0.5, 0.5, 0.0, NAN, NAN],
    }.items():
        assert_row(row(node(name, X, GROUP), x=x, group=group), wanted)
    assert_row(row(node("group_count", GROUP), group=group), [2.0, 2.0, 2.0, 2.0, NAN])
    weighted = node("group_weighted_mean", X, Y, GROUP)
    found = row(weighted, x=x, y=[1.0, 3.0, 0.0, 1.0, 1.0], group=group)
    assert_row(found, [1.75, 1.75, NAN, NAN, NAN])
    found = row(weighted, x=x, y=[1.0, -3.0, 2.0, 1.0, 1.0], group=group)
    assert_row(found, [1.0, NAN, 4.0, NAN, NAN])


def test_rows_worked_out_by_hand() -> None:
    assert_row(row(node("normalize", X), x=[1.0, NAN, 3.0]), [-1.0, NAN, 1.0])
    assert_row(row(node("truncate", X, 0.25), x=[1.0, -6.0, 1.0]), [1.0, -2.0, 1.0])
    legs = node("scale_legs", X, 0.6, 0.4)
    assert_row(row(legs, x=[1.0, 2.0, -5.0, 0.0, NAN]), [0.2, 0.4, -0.4, 0.0, NAN])
    assert_row(row(legs, x=[1.0, 2.0]), [0.2, 0.4])
    assert_row(row(legs, x=[0.0, 0.0]), [NAN, NAN])
    x, y = [3.0, 1.0, NAN], [1.0, 1.0, 5.0]
    assert_row(row(node("vector_neut", X, Y), x=x, y=y), [1.0, -1.0, NAN])
    assert_row(row(node("vector_neut", X, Y), x=x, y=[0.0, 0.0, 1.0]), [NAN, NAN, NAN])
    assert_row(
        row(node("regression_neut", X, Y), x=[0.0, 1.0, 5.0], y=[0.0, 1.0, 2.0]), [0.5, -1.0, 0.5]
    )
    assert_row(row(node("regression_neut", X, Y), x=x, y=y), [NAN, NAN, NAN])
    assert_row(
        row(node("quantile", X, "uniform"), x=[5.0, 1.0, NAN, 5.0]), [1 / 6, -1 / 3, NAN, 1 / 6]
    )
    assert_row(row(node("quantile", X, "cauchy"), x=[7.0, 7.0]), [0.0, 0.0])
    crossed = row(node("group_cross", X, Y), x=[2.0, 1.0, 2.0, NAN], y=[7.0, 9.0, 7.0, 7.0])
    assert_row(crossed, [1.0, 0.0, 1.0, NAN])


def test_cells_worked_out_by_hand() -> None:
    x = [-1.5, -0.5, 0.5, 1.5, NAN]
    assert_row(row(node("round", X), x=x), [-2.0, 0.0, 0.0, 2.0, NAN])
    assert_row(row(node("ceil", X), x=x), [-1.0, 0.0, 1.0, 2.0, NAN])
    assert_row(row(node("floor", X), x=x), [-2.0, -1.0, 0.0, 1.0, NAN])
    assert_row(row(node("fill", X, Y), x=[1.0, NAN, NAN], y=[7.0, 8.0, NAN]), [1.0, 8.0, NAN])
    assert_row(row(node("left_tail", X, Y), x=[1.0, 2.0, 3.0], y=[2.0] * 3), [1.0, 2.0, NAN])
    assert_row(row(node("right_tail", X, Y), x=[1.0, 2.0, 3.0], y=[2.0] * 3), [NAN, 2.0, 3.0])
    assert_row(row(node("sigmoid", X), x=[-800.0, 0.0, 800.0]), [0.0, 0.5, 1.0])


def grouped(name: str) -> Callable[[pd.Series, pd.Series], pd.Series]:
    return lambda x, group: x.groupby(group).transform(name)


PANDAS: dict[str, Callable[[pd.Series, pd.Series], pd.Series]] = {
    "group_mean": grouped("mean"),
    "group_median": grouped("median"),
    "group_std": grouped("std"),
    "group_min": grouped("min"),
    "group_max": grouped("max"),
    "group_rank": lambda x, group: x.groupby(group).rank(pct=True),
    "group_sum": grouped("sum"),
}


@pytest.mark.parametrize("name", PANDAS)
def test_groups_are_those_of_pandas(name: str) -> None:
    rng = np.random.default_rng(7)
    x, group = walk_of(3, 1.0), rng.integers(0, 3, size=walk_of(3, 1.0).shape).astype(np.float64)
    got = evaluate(node(name, X, GROUP), {"x": x, "group": group})
    for t in range(0, len(x), 7):
        values = pd.Series(x[t])
        want = PANDAS[name](values, pd.Series(group[t])).where(values.notna())
        np.testing.assert_allclose(got[t], want.to_numpy(), rtol=1e-12, atol=1e-15)


def test_norm_ppf_has_fifteen_digits_from_tail_to_tail() -> None:
    shares = [*(10.0**-power for power in range(1, 300)), *np.linspace(0.001, 0.999, 500)]
    got = row(node("norm_ppf", X), x=[float(share) for share in shares])
    want = [normal_quantile(float(share)) for share in shares]
    np.testing.assert_allclose(got, want, rtol=4e-15, atol=1e-15)
    middle = [share for share in shares if share > 1e-15]
    theirs = [statistics.NormalDist().inv_cdf(float(share)) for share in middle]
    np.testing.assert_allclose(row(node("norm_ppf", X), x=middle), theirs, rtol=2e-15, atol=1e-16)
    assert np.isnan(row(node("norm_ppf", X), x=[0.0, 1.0, -0.5, 2.0, NAN])).all()


def test_F7_whoever_is_outside_of_the_universe_does_not_count() -> None:
    rng = np.random.default_rng(3)
    fields = {name: rng.standard_normal((40, 9)) for name in ("x", "y")}
    fields["y"] = np.abs(fields["y"])
    fields["group"] = rng.integers(0, 2, size=(40, 9)).astype(np.float64)
    universe = np.ones((40, 9), dtype=np.bool_)
    universe[10:, 4] = False
    without = {
        name: np.where(universe, values, NAN) if name == "x" else values
        for name, values in fields.items()
    }
    made = [
        *(node(name, X, GROUP) for name in (*PANDAS, "group_zscore", "group_scale", "neutralize")),
        *(node(name, X, Y) for name in ("vector_neut", "regression_neut")),
        *(node(name, X) for name in ("normalize", "quantile", "scale_legs", "truncate")),
        node("group_weighted_mean", X, Y, GROUP),
    ]
    panel = panel_of(fields)
    for one in made:
        (got,) = EVALUATOR.evaluate([one], panel, universe)
        np.testing.assert_array_equal(got, evaluate(one, without), err_msg=one.name)
        assert np.isnan(got[10:, 4]).all()
    (count,) = EVALUATOR.evaluate([node("group_count", GROUP)], panel, universe)
    assert (np.nansum(1.0 / count[10:], axis=1) <= 2.0 + 1e-12).all()
    assert np.isnan(count[10:, 4]).all()
    # A cell is filled wherever it is; across instruments only members are seen.
    (filled,) = EVALUATOR.evaluate([node("rank", node("fill", X, Y))], panel, universe)
    assert np.isnan(filled[10:, 4]).all()


def test_a_gaussian_quantile_is_even_around_the_middle() -> None:
    found = row(node("quantile", X), x=[float(place) for place in range(11)])
    np.testing.assert_allclose(found, [-value for value in reversed(found)], rtol=1e-14)
    assert found[5] == 0.0
    assert found[0] == pytest.approx(statistics.NormalDist().inv_cdf(0.5 / 11), rel=1e-14)


@pytest.mark.parametrize("name", ["vector_neut", "regression_neut"])
def test_what_is_left_has_nothing_in_common_with_what_was_taken_off(name: str) -> None:
    rng = np.random.default_rng(5)
    fields = {key: 1e8 + rng.standard_normal((30, 20)) for key in ("x", "y")}
    got = evaluate(node(name, X, Y), fields)
    level = fields["y"] if name == "vector_neut" else fields["y"] - 1e8
    sizes = np.abs(got * level).sum(axis=1)
    assert (np.abs((got * level).sum(axis=1)) <= 1e-7 * sizes).all()
