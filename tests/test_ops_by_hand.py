"""Operators that remember, count or fold, on numbers that a reader can follow."""

import math

import numpy as np
import pytest

from alphaforge.dsl.nodes import Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import operators, panel_of

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
NAN = math.nan
X, Y, Z = (Field(name) for name in "xyz")
HOLED = [NAN, 1.0, 1.0, 3.0, NAN, 3.0]


def call(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def values(node: Node, *columns: list[float], first_bar: int = 0) -> list[float]:
    fields = {name: np.array(column)[:, None] for name, column in zip("xyz", columns, strict=False)}
    found: list[float] = EVALUATOR.evaluate([node], panel_of(fields, first_bar))[0][:, 0].tolist()
    return found


@pytest.mark.parametrize(
    ("node", "want"),
    [
        (call("hump", X, 0.5), [NAN, 1.0, 1.0, 1.5, NAN, 2.0]),
        (call("hump", X, 9.0), HOLED),
        (call("hump", X, 0.0), [NAN, 1.0, 1.0, 1.0, NAN, 1.0]),
        (call("bars_since_change", X), [NAN, 0.0, 1.0, 0.0, NAN, 2.0]),
        (call("ts_step", X), [NAN, 1.0, 2.0, 3.0, NAN, 5.0]),
        (call("ts_backfill", X, 2), [NAN, 1.0, 1.0, 3.0, 3.0, 3.0]),
        (call("kth_element", X, 3, 2), [NAN, NAN, 1.0, 1.0, 1.0, 3.0]),
        (call("ts_count_finite", X, 3), [NAN, NAN, 2.0, 3.0, 2.0, 2.0]),
        (call("ts_count_nans", X, 3), [NAN, NAN, 1.0, 0.0, 1.0, 1.0]),
        (call("last_diff_value", X, 3), [NAN, NAN, NAN, 1.0, NAN, NAN]),
        (call("ema", X, 1), HOLED),
    ],
)
def test_values_by_hand(node: Node, want: list[float]) -> None:
    np.testing.assert_array_equal(values(node, HOLED), want)


def test_a_missing_bar_lets_the_past_of_a_mean_fade() -> None:
    got = values(call("ema", X, 2), HOLED)  # Each bar weighs a third of the next.
    before = (3 + 1 / 3 + 1 / 9) / (1 + 1 / 3 + 1 / 9)
    after = (3 + 3 / 9 + 1 / 27 + 1 / 81) / (1 + 1 / 9 + 1 / 27 + 1 / 81)
    np.testing.assert_allclose(got, [NAN, NAN, 1.0, before, NAN, after], rtol=1e-15)


def test_a_value_is_taken_held_and_let_go() -> None:
    rows = [
        # trigger, alpha, exit, answer
        (0.0, 5.0, 0.0, NAN),  # Nothing is held yet.
        (1.0, 6.0, 0.0, 6.0),
        (0.0, 7.0, 0.0, 6.0),
        (0.0, NAN, 0.0, 6.0),
        (NAN, 8.0, 0.0, NAN),  # Unknown, and still held.
        (0.0, 8.0, NAN, NAN),
        (0.0, 8.0, 0.0, 6.0),
        (1.0, 9.0, 0.0, 9.0),
        (1.0, 3.0, 1.0, NAN),  # To let go comes first.
        (0.0, 3.0, 0.0, NAN),
        (NAN, 3.0, 1.0, NAN),
        (1.0, NAN, 0.0, NAN),  # What is taken is missing.
        (0.0, 4.0, 0.0, NAN),
    ]
    trigger, alpha, leave, want = (list(column) for column in zip(*rows, strict=True))
    got = values(call("trade_when", X, Y, Z), trigger, alpha, leave)
    np.testing.assert_array_equal(got, want)


def test_longer_bars_are_seen_once_they_are_closed() -> None:
    counted = [float(t) for t in range(10)]
    # Bars 1 to 10 of the epoch; periods of three close at the bars 2, 5 and 8.
    last = values(call("resample", X, 3, "last"), counted, first_bar=1)
    np.testing.assert_array_equal(last, [NAN] * 4 + [4.0] * 3 + [7.0] * 3)
    first = values(call("resample", X, 3, "first"), counted, first_bar=1)
    np.testing.assert_array_equal(first, [NAN] * 4 + [2.0] * 3 + [5.0] * 3)
    total = values(call("resample", X, 3, "sum"), counted, first_bar=3)
    np.testing.assert_array_equal(total, [NAN] * 4 + [3.0, 12.0, 12.0, 12.0, 21.0, 21.0])
    counted[3] = NAN
    mean = values(call("resample", X, 3, "mean"), counted, first_bar=3)
    np.testing.assert_array_equal(mean, [NAN] * 4 + [1.0, NAN, NAN, NAN, 7.0, 7.0])


def test_places_count_from_the_oldest_and_take_the_oldest_of_equals() -> None:
    series = [1.0, 5.0, 2.0, 5.0, 4.0, 3.0, 1.0]
    got = values(call("ts_argmax_pos", X, 4), series)
    np.testing.assert_array_equal(got[3:], [2.0, 1.0, 2.0, 1.0])
    low = values(call("ts_argmin_pos", X, 4), [-value for value in series])
    np.testing.assert_array_equal(low, got)


def test_E3_a_mean_over_all_of_the_past_does_not_drift() -> None:
    rng = np.random.default_rng(5)
    series = 1e8 + rng.standard_normal(20_000).cumsum()
    got = values(call("ema", X, 200), series.tolist())
    keeps = 1 - 2 / 201
    for t in (199, 5_000, 19_999):
        weights = keeps ** np.arange(t + 1)
        moves = series[t::-1] - series[t]
        want = series[t] + math.fsum(weights * moves) / math.fsum(weights)
        assert abs(got[t] - want) < 1e-5  # Of 1e8 a float64 knows 1.5e-8.
    constant = values(call("ema", X, 7), [0.1] * 1000)
    assert set(constant[6:]) == {0.1}
