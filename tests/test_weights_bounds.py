"""Portfolio rules that look beyond the signal: by hand, and what always holds."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.dsl.nodes import Field
from alphaforge.dsl.strategy import Portfolio, Rule
from alphaforge.engine.bounds import calmed, group_capped, netted, sided
from alphaforge.engine.trail import Trail
from alphaforge.engine.weights import target_weights

Matrix = NDArray[np.float64]
YEAR = 365 * 24.0


def trail(returns: Matrix, groups: Matrix | None = None, rows: tuple[int, ...] = ()) -> Trail:
    places = np.array(rows or (len(returns) - 1,), dtype=np.int64)
    return Trail(places, np.asarray(returns, dtype=np.float64), groups, YEAR)


def portfolio(rule: Rule = Rule.PROPORTIONAL, **changes: object) -> Portfolio:
    values: dict[str, object] = {"rule": rule, "quantile": None, **changes}
    if rule is Rule.LONG_SHORT and values["quantile"] is None:
        values["quantile"] = Decimal("0.5")
    return Portfolio(**values)  # type: ignore[arg-type]


def weigh(signal: list[float], plan: Portfolio, on: Trail | None = None) -> list[float]:
    values = np.array([signal])
    found: list[float] = target_weights(values, np.ones(values.shape, bool), plan, on)[0].tolist()
    return found


def test_risk_parity_is_the_sign_over_the_volatility() -> None:
    # Deviations of (1, -1), (2, -2), (4, -4) percent are as 1 : 2 : 4, so weights as 4 : 2 : 1.
    returns = np.array([[0.01, 0.02, 0.04], [-0.01, -0.02, -0.04]])
    plan = portfolio(Rule.RISK_PARITY, vol_bars=2)
    assert weigh([5, -0.1, 2], plan, trail(returns)) == pytest.approx([4 / 7, -2 / 7, 1 / 7])
    assert weigh([5, 0, 2], plan, trail(returns)) == pytest.approx([4 / 5, 0, 1 / 5])


def test_a_name_without_all_returns_or_without_variation_takes_no_part() -> None:
    returns = np.array([[0.01, np.nan, 0.02, 0.03], [-0.01, 0.01, 0.02, -0.03]])
    plan = portfolio(Rule.RISK_PARITY, vol_bars=2)
    assert weigh([1, 1, 1, 1], plan, trail(returns)) == pytest.approx([0.75, 0, 0, 0.25])
    # A panel that does not reach back so far measures nothing.
    assert weigh([1, 1, 1, 1], portfolio(Rule.RISK_PARITY, vol_bars=3), trail(returns)) == [0] * 4


@pytest.mark.parametrize("size", [1e308, 1e-320])
@pytest.mark.parametrize("net", [None, Decimal(0)])
def test_signals_near_the_ends_of_float64_are_weighed_like_others(
    size: float, net: Decimal | None
) -> None:
    # Their sum, or what the gross is over it, leaves float64; their proportions do not.
    plan = portfolio(gross=Decimal(2), net=net)
    signal = [1.0, -1.0, 0.0, 0.5, 1.5, -1.0]
    found = weigh([value * size for value in signal], plan)
    assert found == pytest.approx(weigh(signal, plan), rel=1e-3)


def test_net_takes_the_mean_of_a_proportional_signal_and_scales_both_sides() -> None:
    # Less its mean of 3: -2 -1 0 3; longs 3, shorts 3.
    assert weigh([1, 2, 3, 6], portfolio(net=Decimal(0))) == pytest.approx([-1 / 3, -1 / 6, 0, 0.5])
    found = weigh([1, 2, 3, 6], portfolio(net=Decimal("0.2")))
    assert found == pytest.approx([-0.4 * 2 / 3, -0.4 / 3, 0, 0.6])
    assert weigh([2, 2], portfolio(net=Decimal(0))) == [0, 0]


def test_net_scales_the_sides_of_other_rules_and_is_flat_without_one() -> None:
    plan = portfolio(Rule.LONG_SHORT, net=Decimal("-0.5"))
    assert weigh([1, 2, 3, 4], plan) == pytest.approx([-0.375, -0.375, 0.125, 0.125])
    returns = np.array([[0.01, 0.01], [-0.01, -0.01]])
    one_sided = portfolio(Rule.RISK_PARITY, vol_bars=2, net=Decimal(0))
    assert weigh([1, 2], one_sided, trail(returns)) == [0, 0]
    assert weigh([1, -2], one_sided, trail(returns)) == [0.5, -0.5]


def test_sides_and_nets_by_hand() -> None:
    row = np.array([0.6, 0.2, -0.2])
    assert sided(row, gross=1.0, net=0.0).tolist() == pytest.approx([0.375, 0.125, -0.5])
    assert sided(row, gross=1.0, net=1.0).tolist() == pytest.approx([0.75, 0.25, 0])
    # Longs hold 0.8 and shorts 0.2: a net of 0.1 leaves longs 0.3.
    assert netted(row, gross=1.0, net=0.1).tolist() == pytest.approx([0.225, 0.075, -0.2])
    assert netted(np.array([0.1, 0.1]), gross=1.0, net=-0.1).tolist() == [0, 0]


def test_a_cap_that_binds_one_side_cuts_the_other_until_the_net_holds() -> None:
    # Three longs and one short of 0.5: capped at 0.25 the short has no room, longs follow.
    plan = portfolio(net=Decimal(0), weight_max=Decimal("0.25"))
    assert weigh([1, 1, 1, -3], plan) == pytest.approx([1 / 12, 1 / 12, 1 / 12, -0.25])


def test_a_group_over_its_limit_is_scaled_down_and_the_rest_stays() -> None:
    row = np.array([0.3, -0.2, 0.1, 0.4])
    groups = np.array([1.0, 1.0, 2.0, np.nan])
    assert group_capped(row, groups, 0.25).tolist() == pytest.approx([0.15, -0.1, 0.1, 0.25])
    plan = portfolio(groups=Field("sector"), group_max=Decimal("0.25"))
    on = trail(np.zeros((1, 4)), groups[None, :])
    assert weigh([3, -2, 1, 4], plan, on) == pytest.approx([0.15, -0.1, 0.1, 0.25])


def test_a_volatility_target_scales_down_and_never_up() -> None:
    # Half each of two names that move against each other by 1 and 3 percent: the book moves by 1.
    returns = np.array([[0.01, -0.03], [-0.01, 0.03], [0.01, -0.03], [-0.01, 0.03]])
    row = np.array([0.5, 0.5])
    deviation = np.sqrt(4 / 3) * 0.01
    year = 100.0
    target = deviation * 10 / 2
    assert calmed(row, returns, target=target, year_bars=year).tolist() == pytest.approx([0.25] * 2)
    assert calmed(row, returns, target=1.0, year_bars=year).tolist() == [0.5, 0.5]
    still = np.zeros((4, 2))
    assert calmed(row, still, target=0.01, year_bars=year).tolist() == [0.5, 0.5]


def test_the_volatility_is_that_of_the_covariance_matrix() -> None:
    rng = np.random.default_rng(3)
    returns = rng.normal(0, 0.01, (50, 4)) @ rng.normal(0, 1, (4, 4))
    row = rng.normal(0, 0.5, 4)
    exact = float(np.sqrt(row @ np.cov(returns, rowvar=False) @ row * YEAR))
    found = calmed(row, returns, target=exact / 3, year_bars=YEAR)
    np.testing.assert_allclose(found, row / 3, rtol=1e-12)


def plans() -> list[Portfolio]:
    groups: dict[str, Any] = {"groups": Field("sector"), "group_max": Decimal("0.4")}
    target: dict[str, Any] = {"vol_target": Decimal("0.3"), "target_bars": 20}
    return [
        portfolio(net=Decimal(0), weight_max=Decimal("0.2")),
        portfolio(net=Decimal("0.3"), weight_max=Decimal("0.15"), gross=Decimal(2), **groups),
        portfolio(Rule.LONG_SHORT, quantile=Decimal("0.3"), net=Decimal("0.1"), **groups),
        portfolio(Rule.RISK_PARITY, vol_bars=10, weight_max=Decimal("0.2"), **target),
        portfolio(Rule.RISK_PARITY, vol_bars=30, net=Decimal(0), **groups, **target),
        portfolio(Rule.TOP_K, k=4, gross=Decimal(3), **target),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_gross_caps_groups_and_net_always_hold(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = tuple(range(35, 75, 2))
    returns = rng.standard_t(3, (80, 12)) * 0.01
    returns[rng.random(returns.shape) < 0.003] = np.nan
    groups = rng.integers(0, 3, (len(rows), 12)).astype(np.float64)
    groups[rng.random(groups.shape) < 0.1] = np.nan
    signal = rng.standard_t(2, (len(rows), 12))
    signal[rng.random(signal.shape) < 0.2] = np.nan
    mask = rng.random(signal.shape) < 0.9
    on = trail(returns, groups, rows)
    held = 0
    for plan in plans():
        out = target_weights(signal, mask, plan, on)
        held += int(np.count_nonzero(out))
        assert (np.abs(out).sum(axis=1) <= float(plan.gross) * (1 + 1e-12)).all()
        assert not out[~mask | np.isnan(signal)].any()
        if plan.weight_max is not None:
            assert np.abs(out).max() <= float(plan.weight_max) * (1 + 1e-12)
        if plan.net is not None and plan.vol_target is None:
            is_held = out.any(axis=1)
            np.testing.assert_allclose(out.sum(axis=1)[is_held], float(plan.net), atol=1e-9)
        if plan.group_max is not None:
            for group in range(3):
                in_group = np.where(groups == group, np.abs(out), 0).sum(axis=1)
                assert in_group.max() <= float(plan.group_max) * (1 + 1e-12)
        if plan.vol_target is not None:
            for place, row in enumerate(rows):
                known = np.nan_to_num(returns[row - 19 : row + 1])
                volatility = (known * out[place]).sum(axis=1).std(ddof=1) * np.sqrt(YEAR)
                assert volatility <= float(plan.vol_target) * (1 + 1e-9)
    assert held > 500


@pytest.mark.parametrize("place", [3, 11])
def test_D3_no_weight_knows_a_later_return(place: int) -> None:
    rng = np.random.default_rng(7)
    rows = tuple(range(35, 75, 2))
    returns = rng.normal(0, 0.01, (80, 12))
    groups = rng.integers(0, 3, (len(rows), 12)).astype(np.float64)
    signal = rng.normal(size=(len(rows), 12))
    mask = np.ones(signal.shape, bool)
    later = returns.copy()
    later[rows[place] + 1 :] *= 7.0
    for plan in plans():
        first = target_weights(signal, mask, plan, trail(returns, groups, rows))
        second = target_weights(signal, mask, plan, trail(later, groups, rows))
        assert np.array_equal(first[: place + 1], second[: place + 1])
