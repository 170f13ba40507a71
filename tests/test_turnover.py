"""A bounded turnover: in the simulation by hand, and in trading by the same rule."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from alphaforge.dsl.strategy import Costs, Portfolio, Rule
from alphaforge.engine.simulate import Simulation, simulate
from alphaforge.execution.turnover import stepped
from alphaforge.tests.test_backtest_strategy import panel, run, strategy
from alphaforge.tests.test_execution_sizing import sizes

D = Decimal


def book(weights: list[float], *, limit: float | None, fee: str = "0") -> Simulation:
    """Rebalance at every bar towards the same weights, at prices that a test may know."""
    on = panel(48, 2)
    close = np.full(on.shape, 10.0)
    close[4:, 0] = 20.0
    opens = np.vstack([close[:1], close[:-1]])
    on = replace(on, fields={"open": opens, "close": close})
    costs = Costs(D(fee), D(0), has_funding=False)
    targets = np.tile(weights, (len(on.times), 1))
    return simulate(targets, on, rebalance_bars=1, delay_bars=1, costs=costs, turnover_max=limit)


def test_a_book_comes_to_its_targets_in_steps_and_stays() -> None:
    found = book([0.6, -0.4], limit=0.3)
    # Of 1.0 that is asked for 0.3, then 0.3 of the 0.7 left, then 0.3 of 0.4, then the rest.
    assert found.traded.sum(axis=1)[:6] == pytest.approx([0, 0.3, 0.3, 0.3, 0.1, 0.48])
    assert found.units[1] == pytest.approx([0.018, -0.012])
    assert found.units[3] == pytest.approx([0.054, -0.036])
    assert found.units[4] == pytest.approx([0.06, -0.04])


def test_drift_is_part_of_what_is_traded() -> None:
    found = book([0.6, -0.4], limit=0.3)
    # The first doubles inside bar 4: equity 1.6, held 1.2 and -0.4, wanted 0.96 and -0.64.
    assert found.equity[4] == pytest.approx(1.6)
    # 0.24 + 0.24 are 0.3 of the equity: just what may be traded.
    assert found.traded[5] == pytest.approx([0.24, 0.24])
    narrow = book([0.6, -0.4], limit=0.15)
    assert narrow.traded.sum(axis=1).max() <= 0.15 * narrow.equity.max() * (1 + 1e-12)


def test_no_rebalance_trades_more_than_its_share_of_equity() -> None:
    plan = strategy(
        portfolio=Portfolio(quantile=D("0.25"), turnover_max=D("0.2")),
        costs=Costs(D(0), D(0), False),
    )
    free, bound = run(strategy(costs=plan.costs)), run(plan)
    before = bound.simulation.equity / (1 + bound.simulation.returns)
    shares = bound.simulation.traded.sum(axis=1) / before
    assert shares.max() <= 0.2 * (1 + 1e-9)
    assert free.simulation.turnover.max() > 0.2
    assert bound.simulation.turnover.sum() < free.simulation.turnover.sum()
    assert np.array_equal(free.weights, bound.weights)


def test_a_bound_that_never_binds_changes_no_byte() -> None:
    wide = replace(strategy().portfolio, turnover_max=D(20))
    assert np.array_equal(
        run(strategy()).simulation.equity, run(strategy(portfolio=wide)).simulation.equity
    )


def test_trading_takes_the_same_step_from_what_it_holds() -> None:
    # Held 0.015 BTC at a mark of 100,000 on a base of 10,000: 0.15; aimed at -0.25; 0.1 of 0.4.
    facts = sizes("0.015")
    held = facts.exposures["BTCUSDT"].position * facts.quotes["BTCUSDT"].mark / 10_000
    target = held - D("0.4")
    found = stepped({"BTCUSDT": target}, D(10_000), facts, D("0.1"))
    assert found == {"BTCUSDT": held - D("0.1")}
    # What is held without a target is closed in steps too.
    assert stepped({}, D(10_000), facts, held / 3) == pytest.approx({"BTCUSDT": held * 2 / 3})
    wide = {"BTCUSDT": target}
    assert stepped(wide, D(10_000), facts, D(2)) == wide
    assert stepped(wide, D(10_000), facts, None) == wide
    assert stepped({"NONE": D(1)}, D(10_000), sizes(), D("0.1")) == {"NONE": D(1)}


def test_the_rule_is_one_for_both() -> None:
    plan = Portfolio(Rule.TOP_K, None, 2, turnover_max=D("0.25"))
    found = run(strategy(portfolio=plan, costs=Costs(D(0), D(0), False)))
    first = int(np.flatnonzero(found.simulation.traded.any(axis=1))[0])
    assert found.simulation.traded[first].sum() == pytest.approx(0.25)
