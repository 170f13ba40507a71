"""What an account and its costs add to the simulator: margin, lots, makers, impact, settlement."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl.strategy import Account, Costs
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.simulate import Simulation, simulate
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.simulated import (
    COSTS,
    FREE,
    HOUR,
    assert_conserved,
    panel_of,
    random_panel,
    random_weights,
    three_bars,
)

KERNELS = Kernels(KERNEL_CACHE)


@pytest.mark.parametrize("seed", range(4))
def test_the_compiled_loop_and_plain_python_give_the_same_bytes(seed: int) -> None:
    panel = random_panel(seed, names=7)
    volume = np.random.default_rng(seed).uniform(10.0, 100.0, panel.shape)
    panel = replace(panel, fields={**panel.fields, "quote_volume": volume})
    weights = random_weights(seed, panel, scale=[1.0, 9.0][seed % 2])
    costs = replace(COSTS, impact=Decimal("0.8"), spread_bp=Decimal(1))
    account = Account(capital=Decimal(50), maintenance=Decimal("0.01"), leverage=Decimal(8))
    plain, compiled = (
        simulate(
            weights,
            panel,
            rebalance_bars=4,
            delay_bars=1,
            costs=costs,
            account=account,
            kernels=kernels,
        )
        for kernels in (None, KERNELS)
    )
    for name in ("equity", "units", "weights", "price_pnl", "funding_by_name", "traded", "impact"):
        assert getattr(plain, name).tobytes() == getattr(compiled, name).tobytes()
    assert plain.trades == compiled.trades
    assert_conserved(plain)
    assert_conserved_by_name(plain)


def assert_conserved_by_name(simulation: Simulation) -> None:
    spread = simulation.spread
    costs = (spread.fees + spread.slippage + spread.impact).sum(axis=0)
    assert costs.sum() == pytest.approx(simulation.fees.sum() + simulation.slippage.sum(), rel=1e-9)
    np.testing.assert_allclose(spread.gains.sum(axis=0), simulation.gain_of_name, atol=1e-9)
    np.testing.assert_allclose(spread.funding.sum(axis=0), simulation.funding_of_name, atol=1e-12)
    assert simulation.gain_of_name.sum() == pytest.approx(spread.gains.sum(), rel=1e-9, abs=1e-9)


def test_makers_pay_their_fee_and_no_half_spread() -> None:
    costs = Costs(
        taker_bp=Decimal(10),
        slippage_bp=Decimal(1),
        has_funding=False,
        maker_bp=Decimal(2),
        maker_share=Decimal("0.25"),
        spread_bp=Decimal(4),
    )
    out = simulate(np.ones((3, 1)), three_bars(), rebalance_bars=1, delay_bars=1, costs=costs)
    # Three quarters at 10 bp and a quarter at 2; fixed 1 bp, and 2 bp for three quarters.
    assert out.fees[1] == pytest.approx(1.0 * (0.75 * 10 + 0.25 * 2) * 1e-4)
    assert out.slippage[1] == pytest.approx(1.0 * (1 + 0.75 * 2) * 1e-4)


def test_impact_follows_the_square_root_law_of_the_bars_volume() -> None:
    rows = 40
    close = 100.0 * np.exp(np.cumsum(np.where(np.arange(rows) % 2, 0.01, -0.01)))[:, None]
    panel = panel_of(
        {"open": close, "close": close, "quote_volume": np.full((rows, 1), 1e6)}, start=0
    )
    weights = np.zeros((rows, 1))
    weights[30:] = 1.0
    costs = replace(FREE, impact=Decimal("0.5"))
    paid = {}
    for capital in (10_000, 40_000):
        out = simulate(
            weights,
            panel,
            rebalance_bars=31,
            delay_bars=1,
            costs=costs,
            account=Account(capital=Decimal(capital)),
        )
        assert (out.traded_total > 0).sum() == 1
        paid[capital] = out.impact.sum() / out.traded_total.sum()
    # RiskMetrics' variance of returns that are all e^0.01 - 1 or e^-0.01 - 1.
    variance, prices = 0.0, close[:31, 0]
    for before, now in pairwise(prices):
        gain = (now / before - 1) ** 2
        variance = 0.94 * variance + 0.06 * gain if variance else gain
    assert paid[10_000] == pytest.approx(0.5 * np.sqrt(variance * 10_000 / 1e6), rel=1e-9)
    assert paid[40_000] == pytest.approx(2 * paid[10_000], rel=1e-9)


def test_impact_without_a_known_volume_is_counted_and_not_invented() -> None:
    panel = random_panel(1, has_gaps=False)
    costs = replace(COSTS, impact=Decimal(1))
    out = simulate(random_weights(1, panel), panel, rebalance_bars=8, delay_bars=1, costs=costs)
    assert not out.impact.any()
    assert out.impact_unknown == out.trades > 0


def test_a_book_below_its_maintenance_margin_is_liquidated_on_the_mark_price() -> None:
    opens = np.array([[100.0], [100.0], [100.0], [100.0]])
    marks = np.array([[100.0], [100.0], [81.0], [100.0]])
    panel = panel_of({"open": opens, "close": opens, "mark_open": marks, "mark_close": opens})
    weights = np.array([[4.0], [4.0], [4.0], [4.0]])
    account = Account(
        capital=Decimal(1000), maintenance=Decimal("0.1"), liquidation_fee_bp=Decimal(50)
    )
    out = simulate(weights, panel, rebalance_bars=1, delay_bars=1, costs=FREE, account=account)
    # 40 units; at a mark of 81 equity is 1000 - 760 = 240, below a tenth of 3,240.
    assert out.liquidated_row == 2
    assert out.equity == pytest.approx([1000.0, 1000.0, 1000.0 - 4000 * 0.005, 980.0])
    assert not out.units[2:].any()
    safe = simulate(
        weights,
        panel,
        rebalance_bars=1,
        delay_bars=1,
        costs=FREE,
        account=replace(account, maintenance=Decimal("0.05")),
    )
    assert safe.liquidated_row is None


def test_a_leverage_scales_targets_down_and_counts_them() -> None:
    account = Account(leverage=Decimal(2))
    panel = three_bars()
    out = simulate(
        np.full((3, 1), 3.0), panel, rebalance_bars=1, delay_bars=1, costs=FREE, account=account
    )
    assert out.bound == 2
    assert out.traded_total[1] == pytest.approx(2.0)
    assert out.gross[1] == pytest.approx(2.0 / 110 * 115 / out.equity[1])


def test_lots_round_down_and_small_orders_wait() -> None:
    panel = three_bars()
    panel = replace(panel, fields={**panel.fields, "lot_size": np.full((3, 1), 3.0)})
    account = Account(capital=Decimal(1100), has_lots=True, notional_min=Decimal(200))
    weights = np.array([[1.0], [1.2], [0.0]])
    out = simulate(weights, panel, rebalance_bars=1, delay_bars=1, costs=FREE, account=account)
    # 10 units are three lots of 3; then 1.2 x 1190 / 120 is 11.9, the same three lots.
    assert out.units[:, 0] == pytest.approx([0.0, 9.0, 9.0])
    assert out.trades == 1
    bigger = replace(account, notional_min=Decimal(10_000))
    waits = simulate(weights, panel, rebalance_bars=1, delay_bars=1, costs=FREE, account=bigger)
    assert waits.trades == 0
    assert waits.too_small == 2
    with pytest.raises(InvalidInputError, match="lot_size"):
        simulate(weights, three_bars(), rebalance_bars=1, delay_bars=1, costs=FREE, account=account)


def test_what_is_held_at_a_contracts_end_is_settled_without_slippage_to_the_price_given() -> None:
    opens = np.array([[10.0, 1.0], [10.0, 1.0], [np.nan, 1.0], [np.nan, 1.0]])
    panel = panel_of({"open": opens, "close": opens}, start=3)
    weights = np.zeros((4, 2))
    weights[0, 0] = 0.5
    out = simulate(
        weights,
        panel,
        rebalance_bars=4,
        delay_bars=1,
        costs=replace(FREE, taker_bp=Decimal(10), slippage_bp=Decimal(5)),
        settlement=np.array([12.0, np.nan]),
    )
    assert out.expired == ("S00",)
    assert out.delisted == ()
    # 0.05 units bought at 10, settled at 12: no order is sent, so nothing slips.
    assert out.equity[-1] == pytest.approx(1.0 + 0.1 - 0.5 * 15e-4 - 0.6 * 10e-4)
    assert out.price_pnl.sum() == pytest.approx(0.1)
    assert_conserved(out)
    assert_conserved_by_name(out)


def test_funding_of_mixed_intervals_settles_each_on_its_own_bars() -> None:
    rows = 24
    opens = np.full((rows, 3), 10.0)
    rates = np.full((rows, 3), np.nan)
    for column, hours in enumerate((1, 4, 8)):
        rates[::hours, column] = 1e-4
    panel = panel_of({"open": opens, "close": opens, "funding_rate": rates})
    weights = np.full((rows, 3), 0.2)
    out = simulate(
        weights,
        panel,
        rebalance_bars=24,
        delay_bars=1,
        costs=replace(FREE, has_funding=True),
        start_row=0,
    )
    assert out.funding_crossed == 0  # The daily grid decides at the last bar's end.
    later = replace(panel, times=panel.times + 23 * HOUR)
    out = simulate(
        weights, later, rebalance_bars=24, delay_bars=1, costs=replace(FREE, has_funding=True)
    )
    # Held from bar 1 on: settlements after it are 22, 5 and 2.
    assert out.funding_crossed == 22 + 5 + 2
    paid = out.spread.units[-1] * 10.0 * 1e-4 * np.array([22, 5, 2])
    np.testing.assert_allclose(out.funding_of_name, paid, rtol=1e-12)


@pytest.mark.parametrize("kernels", [None, KERNELS], ids=["plain", "compiled"])
def test_a_settlement_comes_before_the_margin_of_what_is_left(kernels: Kernels | None) -> None:
    opens = np.array([[10.0, 10.0], [10.0, 10.0], [np.nan, 3.0], [np.nan, 3.0]])
    panel = panel_of({"open": opens, "close": opens}, start=3)
    weights = np.zeros((4, 2))
    weights[0] = 1.0, 1.5
    out = simulate(
        weights,
        panel,
        rebalance_bars=4,
        delay_bars=1,
        costs=FREE,
        account=Account(maintenance=Decimal("0.3")),
        settlement=np.array([12.0, np.nan]),
        kernels=kernels,
    )
    # 0.1 units settle at 12; then 0.15 units at 3 leave 0.15 of equity, above 0.3 of 0.45.
    assert out.expired == ("S00",)
    assert out.liquidated_row is None
    assert out.equity[2:] == pytest.approx([0.15, 0.15])
    called = simulate(
        weights,
        panel,
        rebalance_bars=4,
        delay_bars=1,
        costs=FREE,
        account=Account(maintenance=Decimal("0.35")),
        settlement=np.array([12.0, np.nan]),
        kernels=kernels,
    )
    assert called.liquidated_row == 2
    assert called.price_pnl.sum() == pytest.approx(-0.85)
    assert_conserved(called)
    assert_conserved_by_name(called)
