"""From signals to weights: legs, ties, caps, and what is left out."""

from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.dsl.strategy import Portfolio, Rule
from alphaforge.engine.weights import target_weights

Matrix = NDArray[np.float64]


def weigh(signal: list[float], portfolio: Portfolio, mask: list[bool] | None = None) -> list[float]:
    is_in = np.array([mask if mask is not None else [True] * len(signal)])
    found: list[float] = target_weights(np.array([signal]), is_in, portfolio)[0].tolist()
    return found


def long_short(quantile: str, gross: str = "1", cap: str | None = None) -> Portfolio:
    limit = None if cap is None else Decimal(cap)
    return Portfolio(Rule.LONG_SHORT, Decimal(quantile), None, Decimal(gross), limit)


def top(k: int, gross: str = "1", cap: str | None = None) -> Portfolio:
    return Portfolio(Rule.TOP_K, None, k, Decimal(gross), None if cap is None else Decimal(cap))


def weights(gross: str = "1", cap: str | None = None) -> Portfolio:
    limit = None if cap is None else Decimal(cap)
    return Portfolio(Rule.PROPORTIONAL, None, None, Decimal(gross), limit)


def test_long_short_buys_the_highest_and_sells_the_lowest() -> None:
    assert weigh([1, 5, 3, 2, 4], long_short("0.2")) == [-0.5, 0.5, 0, 0, 0]
    assert weigh([1, 5, 3, 2, 4], long_short("0.4", gross="2")) == [-0.5, 0.5, 0, -0.5, 0.5]


def test_a_leg_has_the_floor_of_the_quantile_and_at_least_one_name() -> None:
    assert weigh([3, 1, 2], long_short("0.01")) == [0.5, -0.5, 0]
    ten = weigh(list(range(10)), long_short("0.3"))
    # 10 x 0.3 is 3 in decimals; 10 * 0.3 in floats would be 3.0000000000000004 or 2.99.
    assert sum(weight > 0 for weight in ten) == sum(weight < 0 for weight in ten) == 3


def test_fewer_than_two_names_or_equal_legs_stay_flat() -> None:
    assert weigh([7], long_short("0.5")) == [0]
    assert weigh([1, 2, 3, 4], long_short("0.75")) == [0] * 4  # The legs would overlap.
    assert weigh([2, 2, 2, 2], long_short("0.25")) == [0, 0, 0, 0]
    assert weigh([1, 2, 2, 2], long_short("0.5")) == [0, 0, 0, 0]
    assert weigh([1, 2, 2, 2], long_short("0.25")) == [-0.5, 0, 0, 0.5]


def test_names_outside_the_mask_or_without_a_signal_get_nothing() -> None:
    signal = [np.nan, 9, 1, 2, np.inf]
    assert weigh(signal, long_short("0.5"), [True, False, True, True, True]) == [0, 0, -0.5, 0.5, 0]
    assert weigh([np.nan, np.nan], weights()) == [0, 0]


def test_top_k_is_long_only_and_leaves_the_rest_in_cash() -> None:
    assert weigh([1, 5, 3, 4], top(2)) == [0, 0.5, 0, 0.5]
    assert weigh([1, np.nan, 3, np.nan], top(4)) == [0.25, 0, 0.25, 0]
    assert weigh([1, 5, 5, 5], top(2)) == [0, 0.5, 0.5, 0]  # Ties: the first symbols.
    assert weigh([5, 5, 5], top(2)) == [0, 0, 0]  # Nothing to choose by.
    assert weigh([5, 5], top(2)) == [0.5, 0.5]  # Nothing to choose.


def test_weights_are_proportional_to_the_signal_as_it_is() -> None:
    assert weigh([3, 1, -1, 0], weights(gross="2")) == pytest.approx([1.2, 0.4, -0.4, 0])
    assert weigh([0, 0], weights()) == [0, 0]


def test_a_cap_hands_the_excess_to_the_same_side_and_never_goes_above() -> None:
    # Longs 0.6 0.2 0.1, short 0.1; capped at 0.4: the 0.2 over goes 2 : 1 to the other longs.
    assert weigh([6, 2, 1, -1], weights(cap="0.4")) == pytest.approx(
        [0.4, 0.2 + 0.2 * 2 / 3, 0.1 + 0.2 / 3, -0.1]
    )
    # Room for 0.3 + 0.3 + 0.3 on the long side only: what has no room stays cash.
    assert weigh([6, 2, 1, -1], weights(cap="0.3")) == pytest.approx([0.3, 0.3, 0.3, -0.1])
    assert weigh([4, 3, 2, 1], long_short("0.25", cap="0.2")) == [0.2, 0, 0, -0.2]
    assert weigh([4, 3, 2, 1], top(2, cap="0.1")) == [0.1, 0.1, 0, 0]


@pytest.mark.parametrize("seed", range(10))
def test_no_rule_ever_breaks_its_gross_or_its_cap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    signal = rng.standard_t(2, (40, 12))
    signal[rng.random(signal.shape) < 0.3] = np.nan
    signal = np.round(signal, rng.integers(0, 3))  # Ties.
    mask = rng.random(signal.shape) < 0.8
    for portfolio in (
        long_short("0.2"),
        long_short("0.34", "1.5", "0.2"),
        top(3, cap="0.25"),
        weights("2"),
        weights("1", "0.15"),
    ):
        out = target_weights(signal, mask, portfolio)
        assert (np.abs(out).sum(axis=1) <= float(portfolio.gross) * (1 + 1e-12)).all()
        assert not out[~mask | np.isnan(signal)].any()
        if portfolio.weight_max is not None:
            assert np.abs(out).max() <= float(portfolio.weight_max)
        if portfolio.rule is Rule.LONG_SHORT:
            assert np.abs(out.sum(axis=1)).max() < 1e-12
        assert np.array_equal(out, target_weights(signal.copy(), mask.copy(), portfolio))


def test_a_cap_with_room_keeps_each_side_whole() -> None:
    signal = np.random.default_rng(1).lognormal(0, 1.5, (30, 10))
    signal[:, 5:] *= -1
    plain = target_weights(signal, np.ones(signal.shape, bool), weights())
    out = target_weights(signal, np.ones(signal.shape, bool), weights(cap="0.3"))
    has_room = np.maximum(plain, 0).sum(axis=1) <= 5 * 0.3
    assert has_room.all()
    np.testing.assert_allclose(
        np.maximum(out, 0).sum(axis=1), np.maximum(plain, 0).sum(axis=1), rtol=1e-11
    )
    assert (np.abs(plain).max(axis=1) > 0.3).any()


def test_rows_are_decided_by_themselves() -> None:
    rng = np.random.default_rng(2)
    signal, mask = rng.normal(size=(6, 5)), rng.random((6, 5)) < 0.9
    whole = target_weights(signal, mask, long_short("0.4", cap="0.3"))
    for row in range(6):
        alone = target_weights(
            signal[row : row + 1], mask[row : row + 1], long_short("0.4", cap="0.3")
        )
        assert np.array_equal(whole[row : row + 1], alone)
