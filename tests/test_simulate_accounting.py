"""The research simulator: every cost once, nothing from the future, equal to a slow reference."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.core.errors import InvalidInputError
from alphaforge.core.panel import Panel
from alphaforge.dsl.strategy import Costs
from alphaforge.engine.grid import is_decision_row
from alphaforge.engine.simulate import simulate
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

Matrix = NDArray[np.float64]


@dataclass
class Reference:
    """The same rules told bar by bar and name by name in exact fractions."""

    equity: list[float]
    liquidated_row: int | None


def reference(  # noqa: C901
    weights: Matrix, panel: Panel, *, rebalance: int, delay: int, costs: Costs
) -> Reference:
    rows, names = panel.shape
    rate = Fraction(costs.taker_bp + costs.slippage_bp) / 10_000
    decided = is_decision_row(panel.times, bar_seconds=HOUR, rebalance_bars=rebalance)

    def value(field: str, row: int, name: int) -> Fraction | None:
        if field not in panel.fields or not np.isfinite(panel.fields[field][row, name]):
            return None
        return Fraction(panel.fields[field][row, name])

    has_bar = [
        [value("open", t, i) is not None and value("close", t, i) is not None for i in range(names)]
        for t in range(rows)
    ]
    cash, units = Fraction(1), [Fraction(0)] * names
    last: list[Fraction] = [Fraction(0)] * names
    equity: list[float] = []
    liquidated: int | None = None

    def close_at(prices: list[Fraction], which: list[int]) -> None:
        nonlocal cash
        for i in which:
            cash += units[i] * prices[i] - abs(units[i] * prices[i]) * rate
            units[i] = Fraction(0)

    for t in range(rows):
        here = [
            cast("Fraction", value("open", t, i)) if has_bar[t][i] else last[i]
            for i in range(names)
        ]
        for i in range(names):
            due = value("funding_rate", t, i)
            if costs.has_funding and due is not None:
                cash -= units[i] * (value("mark_open", t, i) or here[i]) * due
        close_at(here, [i for i in range(names) if not any(has_bar[s][i] for s in range(t, rows))])
        if t >= delay and decided[t - delay] and liquidated is None:
            worth = cash + sum(units[i] * here[i] for i in range(names))
            if worth <= 0:
                close_at(here, list(range(names)))
                liquidated = t
            for i in range(names):
                if liquidated is None and has_bar[t][i]:
                    wanted = Fraction(weights[t - delay, i]) * worth / here[i]
                    notional = (wanted - units[i]) * here[i]
                    cash -= notional + abs(notional) * rate
                    units[i] = wanted
        for i in range(names):
            last[i] = cast("Fraction", value("close", t, i)) if has_bar[t][i] else last[i]
        now = cash + sum(units[i] * last[i] for i in range(names))
        if now <= 0 and any(units) and liquidated is None:
            close_at(last, list(range(names)))
            liquidated, now = t, cash
        equity.append(float(now))
        # Exact fractions grow without bound; forty digits are enough for twelve.
        cash = Fraction(round(cash * 10**40), 10**40)
        units = [Fraction(round(u * 10**40), 10**40) for u in units]
    return Reference(equity, liquidated)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("rebalance", "delay"), [(1, 1), (8, 1), (4, 3)])
def test_equity_agrees_with_a_slow_reference_to_twelve_digits(
    seed: int, rebalance: int, delay: int
) -> None:
    panel = random_panel(seed)
    weights = random_weights(seed, panel)
    ours = simulate(weights, panel, rebalance_bars=rebalance, delay_bars=delay, costs=COSTS).equity
    slow = reference(weights, panel, rebalance=rebalance, delay=delay, costs=COSTS)
    np.testing.assert_allclose(ours, slow.equity, rtol=1e-12, atol=0)


@pytest.mark.parametrize("seed", range(4))
def test_a_ruined_book_agrees_with_the_reference_and_stays_flat(seed: int) -> None:
    panel = random_panel(seed)
    weights = random_weights(seed, panel, scale=60.0)
    ours = simulate(weights, panel, rebalance_bars=4, delay_bars=1, costs=COSTS)
    slow = reference(weights, panel, rebalance=4, delay=1, costs=COSTS)
    assert slow.liquidated_row is not None
    assert ours.liquidated_row == slow.liquidated_row
    np.testing.assert_allclose(ours.equity, slow.equity, rtol=1e-11)
    assert not ours.units[slow.liquidated_row + 1 :].any()
    assert (ours.equity[slow.liquidated_row :] == ours.equity[slow.liquidated_row]).all()
    assert not ours.returns[slow.liquidated_row + 1 :].any()
    assert not ours.weights[slow.liquidated_row :].any()
    assert_conserved(ours)


@pytest.mark.parametrize("seed", range(20))
def test_no_money_appears_or_vanishes(seed: int) -> None:
    panel = random_panel(seed, rows=300, names=8)
    weights = random_weights(seed, panel, scale=[1.0, 3.0, 40.0][seed % 3])
    for rebalance in (1, 8):
        assert_conserved(
            simulate(weights, panel, rebalance_bars=rebalance, delay_bars=1, costs=COSTS)
        )


def test_three_bars_worked_by_hand_come_out_to_the_digit() -> None:
    # Bar 0 decides weight 1, bar 1 decides weight -0.5; each is traded at the next open.
    weights = np.array([[1.0], [-0.5], [9.0]])
    costs = Costs(taker_bp=Decimal(10), slippage_bp=Decimal(5), has_funding=True)
    out = simulate(weights, three_bars(), rebalance_bars=1, delay_bars=1, costs=costs, capital=1100)
    # Bar 1: nothing held, so no funding; buys 1100 / 110 = 10 units; fee 1.1, slippage 0.55.
    # Close: cash 1100 - 1100 - 1.65 = -1.65, units worth 1150: equity 1148.35.
    # Bar 2: funding 10 x 121 x 0.001 = 1.21, cash -2.86; at the open worth 1200 - 2.86 = 1197.14.
    # Target -598.57 of notional: sells 1798.57; fee 1.79857, slippage 0.899285.
    # Cash -2.86 + 1798.57 - 2.697855 = 1793.012145; units -598.57 / 120.
    # Close: 1793.012145 - 598.57 x 90 / 120 = 1344.084645.
    assert out.equity == pytest.approx([1100.0, 1148.35, 1344.084645], abs=1e-12)
    assert out.fees == pytest.approx([0.0, 1.1, 1.79857], abs=1e-12)
    assert out.slippage == pytest.approx([0.0, 0.55, 0.899285], abs=1e-12)
    assert out.funding == pytest.approx([0.0, 0.0, 1.21], abs=1e-12)
    assert out.units[:, 0] == pytest.approx([0.0, 10.0, -598.57 / 120], abs=1e-12)
    assert out.returns == pytest.approx([0.0, 48.35 / 1100, 195.734645 / 1148.35], abs=1e-12)
    assert out.turnover == pytest.approx([0.0, 1.0, 1798.57 / 1148.35], abs=1e-12)
    assert out.trades == 2


def test_a_short_receives_what_a_long_pays() -> None:
    panel = three_bars()
    free_trades = replace(COSTS, taker_bp=Decimal(0), slippage_bp=Decimal(0))
    long, short = (
        simulate(
            np.full((3, 1), weight), panel, rebalance_bars=8, delay_bars=1, costs=free_trades
        ).funding.sum()
        for weight in (0.1, -0.1)
    )
    # The 8-bar grid has no decision among bars 0 to 2, so nothing is held at all.
    assert long == short == 0.0
    long, short = (
        simulate(
            np.full((3, 1), weight), panel, rebalance_bars=2, delay_bars=1, costs=free_trades
        ).funding.sum()
        for weight in (0.1, -0.1)
    )
    assert long == 0.0  # Decided at the end of bar 1, traded at bar 2's open, after its funding.
    panel = replace(panel, times=panel.times + HOUR)
    long, short = (
        simulate(
            np.full((3, 1), weight), panel, rebalance_bars=2, delay_bars=1, costs=free_trades
        ).funding.sum()
        for weight in (0.1, -0.1)
    )
    assert long == pytest.approx(0.1 / 110 * 121 * 0.001)
    assert short == -long


def test_funding_switched_off_costs_nothing() -> None:
    weights = np.ones((3, 1))
    off = replace(COSTS, has_funding=False)
    out = simulate(weights, three_bars(), rebalance_bars=1, delay_bars=1, costs=off)
    assert not out.funding.any()


def test_units_drift_between_rebalances() -> None:
    panel = random_panel(3, has_gaps=False)
    out = simulate(random_weights(3, panel), panel, rebalance_bars=8, delay_bars=1, costs=COSTS)
    trades = is_decision_row(panel.times, bar_seconds=HOUR, rebalance_bars=8)
    traded_rows = set((np.flatnonzero(trades) + 1).tolist())
    for row in range(1, panel.shape[0]):
        changed = (out.units[row] != out.units[row - 1]).any()
        assert bool(changed) == (row in traded_rows)
    assert (np.flatnonzero(out.traded.any(axis=1)) % 8 == np.flatnonzero(trades)[0] % 8 + 1).all()


def test_the_grid_is_anchored_to_utc_and_not_to_the_first_bar() -> None:
    times = np.arange(5, 30, dtype=np.int64) * HOUR
    rows = np.flatnonzero(is_decision_row(times, bar_seconds=HOUR, rebalance_bars=8))
    assert [(int(times[row]) // HOUR + 1) % 24 for row in rows] == [8, 16, 0]
    shifted = np.flatnonzero(is_decision_row(times[3:], bar_seconds=HOUR, rebalance_bars=8))
    assert (times[3:][shifted] == times[rows][times[rows] >= times[3]]).all()


@pytest.mark.parametrize("cut", [30, 61, 62, 95])
def test_prices_after_a_bar_change_nothing_up_to_it(cut: int) -> None:
    panel = random_panel(11)
    weights = random_weights(11, panel)
    other = {name: values.copy() for name, values in panel.fields.items()}
    for values in other.values():
        values[cut + 1 :] *= 3.7
    otherwise = weights.copy()
    otherwise[cut + 1 :] *= -1.3
    first = simulate(weights, panel, rebalance_bars=4, delay_bars=1, costs=COSTS)
    second = simulate(
        otherwise, replace(panel, fields=other), rebalance_bars=4, delay_bars=1, costs=COSTS
    )
    assert np.array_equal(first.equity[: cut + 1], second.equity[: cut + 1])
    assert np.array_equal(first.units[: cut + 1], second.units[: cut + 1])
    assert not np.array_equal(first.equity[cut + 1 :], second.equity[cut + 1 :])


def test_a_signal_of_a_bar_never_trades_on_that_bar() -> None:
    with pytest.raises(InvalidInputError, match="not over"):
        simulate(np.ones((3, 1)), three_bars(), rebalance_bars=1, delay_bars=0, costs=FREE)


def test_a_missing_open_freezes_the_position_and_is_counted() -> None:
    opens = np.array([[10.0], [10.0], [np.nan], [30.0], [30.0]])
    close = np.array([[10.0], [20.0], [np.nan], [30.0], [30.0]])
    weights = np.array([[1.0], [0.5], [0.25], [0.0], [0.0]])
    panel = panel_of({"open": opens, "close": close})
    out = simulate(weights, panel, rebalance_bars=1, delay_bars=1, costs=FREE)
    assert out.frozen == 1
    assert out.units[:, 0] == pytest.approx([0.0, 0.1, 0.1, 0.25 * 3.0 / 30.0, 0.0])
    assert out.equity == pytest.approx([1.0, 2.0, 2.0, 3.0, 3.0])
    assert out.delisted == ()


def test_a_delisted_position_is_closed_at_its_last_close_with_costs() -> None:
    opens = np.array([[10.0, 1.0], [10.0, 1.0], [np.nan, 1.0], [np.nan, 1.0]])
    close = np.array([[10.0, 1.0], [20.0, 1.0], [np.nan, 1.0], [np.nan, 1.0]])
    weights = np.zeros((4, 2))
    weights[0, 0] = 0.5
    # The first bar opens at 03:00, so that the 4-bar grid decides at its end and nowhere else.
    panel = panel_of({"open": opens, "close": close}, start=3)
    out = simulate(weights, panel, rebalance_bars=4, delay_bars=1, costs=COSTS)
    assert out.delisted == ("S00",)
    assert out.traded[2, 0] == pytest.approx(1.0)  # 0.05 units at 20.
    assert out.fees == pytest.approx([0.0, 0.5 * 5e-4, 1.0 * 5e-4, 0.0])
    assert out.equity[-1] == pytest.approx(1.5 - 1.5 * 7e-4)
    assert not out.units[2:].any()


def test_an_exit_that_finds_no_bar_is_frozen_too() -> None:
    opens = np.array([[10.0], [10.0], [np.nan], [30.0]])
    panel = panel_of({"open": opens, "close": opens})
    out = simulate(
        np.array([[1.0], [0.0], [0.0], [0.0]]),
        panel,
        rebalance_bars=1,
        delay_bars=1,
        costs=FREE,
    )
    assert out.frozen == 1
    assert out.units[:, 0] == pytest.approx([0.0, 0.1, 0.1, 0.0])


def test_half_a_bar_is_no_bar() -> None:
    opens = np.array([[10.0], [10.0], [10.0], [10.0]])
    close = np.array([[10.0], [20.0], [np.nan], [10.0]])
    out = simulate(
        np.ones((4, 1)),
        panel_of({"open": opens, "close": close}),
        rebalance_bars=1,
        delay_bars=1,
        costs=FREE,
    )
    assert out.frozen == 1
    assert out.equity == pytest.approx([1.0, 2.0, 2.0, 1.0])


def test_funding_due_as_a_listing_ends_is_paid_by_the_position_that_is_closed() -> None:
    opens = np.array([[10.0, 1.0], [10.0, 1.0], [np.nan, 1.0]])
    rate = np.array([[0.0, 0.0], [0.0, 0.0], [0.01, 0.0]])
    panel = panel_of({"open": opens, "close": opens, "funding_rate": rate})
    weights = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    funded = replace(FREE, has_funding=True)
    out = simulate(weights, panel, rebalance_bars=1, delay_bars=1, costs=funded)
    assert out.delisted == ("S00",)
    assert out.funding == pytest.approx([0.0, 0.0, 0.01])
    assert out.equity[-1] == pytest.approx(0.99)


def test_a_price_that_is_not_positive_counts_as_missing_and_is_stated() -> None:
    opens = np.array([[10.0], [10.0], [0.0], [10.0]])
    close = np.array([[10.0], [10.0], [-3.0], [10.0]])
    out = simulate(
        np.ones((4, 1)),
        panel_of({"open": opens, "close": close}),
        rebalance_bars=1,
        delay_bars=1,
        costs=FREE,
    )
    assert out.prices_dropped == 2
    assert out.frozen == 1
    assert (out.equity == 1.0).all()


def test_a_window_starts_with_the_decision_just_before_it() -> None:
    panel = random_panel(5, has_gaps=False)
    weights = random_weights(5, panel)
    whole = simulate(weights, panel, rebalance_bars=1, delay_bars=1, costs=COSTS, start_row=50)
    assert len(whole.equity) == panel.shape[0] - 50
    assert whole.traded[0].any()
    assert whole.times[0] == panel.times[50]
    cut = simulate(
        weights[49:], panel.rows(49, panel.shape[0]), rebalance_bars=1, delay_bars=1, costs=COSTS
    )
    assert np.array_equal(cut.equity[1:], whole.equity)


def test_weights_that_are_not_numbers_are_refused() -> None:
    weights = np.array([[1.0], [np.nan], [0.0]])
    with pytest.raises(InvalidInputError, match="not finite"):
        simulate(weights, three_bars(), rebalance_bars=1, delay_bars=1, costs=FREE)
