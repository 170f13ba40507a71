"""Ranks and quantiles however the values lie: each way of sorting gives what pandas gives."""

import numpy as np
import pandas as pd
import pytest

from alphaforge.dsl.nodes import Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, operators, panel_of

COLUMNS = 90
ROWS = 460


def node(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def values_of(kind: str) -> Matrix:
    rng = np.random.default_rng(8)
    normal = rng.standard_normal((ROWS, COLUMNS))
    found = {
        "spread": normal,
        "crowded": np.exp(12.0 * normal),
        "huge": np.sign(normal) * 1.7e308 * rng.random(normal.shape),
        "tiny": normal * 1e-310,
        "few": np.round(normal),
        "equal": np.full(normal.shape, 3.0),
    }[kind]
    found[rng.random(found.shape) < 0.001] = np.nan
    return found


@pytest.mark.parametrize("kind", ["spread", "crowded", "huge", "tiny", "few", "equal"])
def test_ranks_are_those_of_pandas_to_the_bit(kind: str) -> None:
    values = values_of(kind)
    got = Evaluator(Kernels(KERNEL_CACHE)).evaluate(
        [node("rank", Field("x"))], panel_of({"x": values})
    )[0]
    np.testing.assert_array_equal(got, pd.DataFrame(values).rank(axis=1, pct=True).to_numpy())


@pytest.mark.parametrize("bars", [1, 24, 400, 401, 440])
def test_quantiles_of_short_and_long_windows_are_those_of_pandas(bars: int) -> None:
    values = values_of("few")[:, :12] + values_of("spread")[:, :12]
    got = Evaluator(Kernels(KERNEL_CACHE)).evaluate(
        [node("ts_quantile", Field("x"), bars, 0.3)], panel_of({"x": values})
    )[0]
    want = pd.DataFrame(values).rolling(bars).quantile(0.3).to_numpy()
    assert np.isfinite(want).any()
    np.testing.assert_allclose(got, want, rtol=1e-12)


@pytest.mark.parametrize("kind", ["spread", "crowded", "huge", "tiny", "few", "equal"])
@pytest.mark.parametrize("bars", [1, 2, 24, 168])
def test_ranks_in_time_are_those_of_pandas_to_the_bit(kind: str, bars: int) -> None:
    values = values_of(kind)
    got = Evaluator(Kernels(KERNEL_CACHE)).evaluate(
        [node("ts_rank", Field("x"), bars)], panel_of({"x": values})
    )[0]
    want = pd.DataFrame(values).rolling(bars).rank(pct=True).to_numpy()
    assert np.isfinite(want).any()
    np.testing.assert_array_equal(got, want)


def test_ranks_in_time_hold_in_windows_too_long_for_short_counts() -> None:
    rows = 40_000
    values = np.random.default_rng(9).standard_normal((rows, 1)).cumsum(axis=0)
    for bars in (32_767, 32_768, 36_000):
        got = Evaluator(Kernels(KERNEL_CACHE)).evaluate(
            [node("ts_rank", Field("x"), bars)], panel_of({"x": values})
        )[0]
        want = pd.DataFrame(values).rolling(bars).rank(pct=True).to_numpy()
        np.testing.assert_array_equal(got, want)
