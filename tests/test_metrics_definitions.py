"""Metrics against definitions told another way (pandas, plain Python), and their edge rules."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from alphaforge.core.panel import Panel
from alphaforge.core.registry import modules_in
from alphaforge.dsl.strategy import Costs
from alphaforge.engine import metrics as folder
from alphaforge.engine.facts import Facts, market_of
from alphaforge.engine.grid import decision_rows
from alphaforge.engine.information import information, outcomes
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.ledger import Ledger, Spread
from alphaforge.engine.measure import measure
from alphaforge.engine.newey_west import mean_and_error
from alphaforge.engine.positions import gains_of_positions
from alphaforge.engine.ranks import rank_correlations, row_correlations, row_ranks
from alphaforge.engine.simulate import Simulation, simulate
from alphaforge.engine.statistics import sharpe_standard_error

Matrix = NDArray[np.float64]
HOUR = 3600
YEAR = 365 * 24


def panel_of(seed: int = 0, rows: int = 400, names: int = 6) -> Panel:
    rng = np.random.default_rng(seed)
    close = 50.0 * np.exp(np.cumsum(rng.standard_t(4, (rows, names)) * 0.01, axis=0))
    opens = np.vstack([close[:1], close[:-1]])
    opens[rng.random(opens.shape) < 0.02] = np.nan
    funding = np.zeros((rows, names))
    funding[::8] = rng.normal(0.0002, 0.0004, funding[::8].shape)
    return Panel(
        dataset="test",
        snapshot="snap_test",
        bar_seconds=HOUR,
        times=np.arange(rows, dtype=np.int64) * HOUR,
        symbols=tuple("ABCDEFGHIJ"[:names]),
        fields={"open": opens, "close": close, "funding_rate": funding},
    )


def facts_of(panel: Panel, signal: Matrix, *, capital: float = 1.0) -> Facts:
    known = np.nan_to_num(signal)
    total = np.abs(known).sum(axis=1, keepdims=True)
    weights = known / np.where(total > 0, total, 1.0)
    costs = Costs(taker_bp=Decimal(5), slippage_bp=Decimal(2), has_funding=True)
    done = simulate(weights, panel, rebalance_bars=8, delay_bars=1, costs=costs, capital=capital)
    rows = decision_rows(panel, rebalance_bars=8, delay_bars=1, start_row=0)
    learned = information(signal, panel, rows, delay_bars=1, horizon_bars=8)
    return Facts(done, learned, market=market_of(panel, 0))


PANEL = panel_of()
SIGNAL = np.random.default_rng(1).normal(size=PANEL.shape)
SIGNAL[np.random.default_rng(2).random(PANEL.shape) < 0.1] = np.nan
FACTS = facts_of(PANEL, SIGNAL)
FOUND = measure(FACTS)


class Nothing(Spread):
    """The matrices of a book that held nothing."""

    def __init__(self, ledger: Ledger, kernels: Kernels | None, rows: int) -> None:
        super().__init__(ledger, kernels)
        shape = (rows, len(PANEL.symbols))
        for name in ("units", "weights", "funding", "gains", "traded"):
            self._matrices[name] = np.zeros(shape)
        for name in ("fees", "slippage", "impact"):
            self._matrices[name] = np.zeros(shape)


def with_returns(returns: list[float], capital: float = 1.0) -> Simulation:
    values = np.array(returns)
    base = FACTS.simulation
    rows = len(values)
    return replace(
        base,
        capital=capital,
        times=base.times[:rows],
        returns=values,
        equity=capital * np.cumprod(1 + values),
        spread=Nothing(base.spread.ledger, None, rows),
        **{
            name: getattr(base, name)[:rows] * 0.0
            for name in ("turnover", "fees", "slippage", "impact", "funding", "gross", "net")
        },
        **{name: getattr(base, name) * 0.0 for name in ("gain_of_name", "funding_of_name")},
    )


def measured(returns: list[float], capital: float = 1.0) -> dict[str, float | None]:
    return measure(Facts(with_returns(returns, capital), FACTS.information))


def test_every_metric_has_a_file_of_its_own_name() -> None:
    files = [module.__name__.rsplit(".", 1)[1] for module in modules_in(folder)]
    assert list(FOUND) == files


def test_ratios_of_returns_agree_with_pandas() -> None:
    returns = pd.Series(FACTS.simulation.returns)
    equity = pd.concat([pd.Series([1.0]), pd.Series(FACTS.simulation.equity)])
    per_bar = returns.mean() / returns.std()
    downside = math.sqrt((returns.clip(upper=0.0) ** 2).mean())
    years = len(returns) / YEAR
    expected = {
        "sharpe": per_bar * math.sqrt(YEAR),
        "sortino": returns.mean() / downside * math.sqrt(YEAR),
        "annual_volatility": returns.std() * math.sqrt(YEAR),
        "annual_return": equity.iloc[-1] ** (1 / years) - 1,
        "total_return": (1 + returns).prod() - 1,
        "max_drawdown": -(equity / equity.cummax() - 1).min(),
        "hit_rate": (returns > 0).sum() / (returns != 0).sum(),
        "bars": float(len(returns)),
    }
    for name, value in expected.items():
        assert FOUND[name] == pytest.approx(float(value), rel=1e-9), name
    assert FOUND["calmar"] == pytest.approx(
        expected["annual_return"] / expected["max_drawdown"], rel=1e-9
    )


def test_moments_and_the_standard_error_follow_their_formulas() -> None:
    values = FACTS.simulation.returns.tolist()
    mean = math.fsum(values) / len(values)
    second, third, fourth = (
        math.fsum((value - mean) ** order for value in values) / len(values) for order in (2, 3, 4)
    )
    assert FOUND["skew"] == pytest.approx(third / second**1.5, rel=1e-9)
    assert FOUND["kurtosis"] == pytest.approx(fourth / second**2, rel=1e-9)
    sharpe = FOUND["sharpe"]
    assert sharpe is not None
    error = sharpe_standard_error(
        sharpe / math.sqrt(YEAR),
        observations=len(values),
        skew=third / second**1.5,
        kurtosis=fourth / second**2,
    )
    assert error is not None
    assert FOUND["sharpe_se"] == pytest.approx(error * math.sqrt(YEAR), rel=1e-9)


def test_costs_and_exposures_add_up() -> None:
    simulation = FACTS.simulation
    traded = simulation.traded.sum()
    assert FOUND["fees_total"] == pytest.approx(traded * 5e-4)
    assert FOUND["slippage_total"] == pytest.approx(traded * 2e-4)
    total = FOUND["total_return"]
    gain = simulation.price_pnl.sum() - simulation.funding.sum()
    assert total == pytest.approx(gain - traded * 7e-4, abs=1e-12)
    assert FOUND["funding_total"] == pytest.approx(simulation.funding_by_name.sum())
    days = 400 / 24
    equity_before = np.concatenate(([1.0], simulation.equity[:-1]))
    assert FOUND["turnover_daily"] == pytest.approx(
        (simulation.traded.sum(axis=1) / equity_before).sum() / days
    )
    gross = FOUND["exposure_gross_mean"]
    assert gross is not None
    assert 0.9 < gross < 1.1
    assert FOUND["exposure_net_mean"] == pytest.approx(simulation.weights.sum(axis=1).mean())
    assert FOUND["trades"] == np.count_nonzero(simulation.traded)


def test_cost_share_is_what_trading_took_of_a_gain() -> None:
    opens = PANEL.fields["open"]
    rows = decision_rows(PANEL, rebalance_bars=8, delay_bars=1, start_row=0)
    seer = np.full(PANEL.shape, np.nan)
    seer[rows] = outcomes(opens, rows + 1, 8)
    found = measure(facts_of(PANEL, seer))
    share, total = found["cost_share"], found["total_return"]
    fees, slippage = found["fees_total"], found["slippage_total"]
    assert share is not None
    assert total is not None
    assert fees is not None
    assert slippage is not None
    assert share == pytest.approx((fees + slippage) / (total + fees + slippage))
    against = measure(facts_of(PANEL, -seer))
    assert against["cost_share"] is None  # No gain, nothing to take a share of.


def test_information_coefficients_agree_with_pandas() -> None:
    rows = decision_rows(PANEL, rebalance_bars=8, delay_bars=1, start_row=0)
    opens = pd.DataFrame(PANEL.fields["open"])
    forward = opens.shift(-9) / opens.shift(-1) - 1
    signal = pd.DataFrame(SIGNAL)
    pearson, spearman = [], []
    for row in rows:
        pair = pd.DataFrame({"signal": signal.loc[row], "outcome": forward.loc[row]}).dropna()
        if len(pair) >= 3:
            pearson.append(pair["signal"].corr(pair["outcome"]))
            ranks = pair.rank()
            spearman.append(ranks["signal"].corr(ranks["outcome"]))
    assert FOUND["ic_mean"] == pytest.approx(float(np.mean(pearson)), rel=1e-9)
    assert FOUND["rank_ic_mean"] == pytest.approx(float(np.mean(spearman)), rel=1e-9)
    assert FOUND["rank_ic_ir"] == pytest.approx(
        float(np.mean(spearman) / np.std(spearman, ddof=1)), rel=1e-9
    )


@pytest.mark.parametrize("seed", range(5))
def test_row_ranks_agree_with_pandas_ties_and_gaps_included(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, (30, 9)).astype(np.float64)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[3] = np.nan
    np.testing.assert_array_equal(row_ranks(values), pd.DataFrame(values).rank(axis=1).to_numpy())


def test_a_constant_side_or_two_names_have_no_correlation() -> None:
    left = np.array([[1.0, 2.0, 3.0], [0.1, 0.1, 0.1], [1.0, 2.0, np.nan], [1.0, 2.0, 3.0]])
    right = np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])
    np.testing.assert_array_equal(row_correlations(left, right), [-1.0, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(rank_correlations(left, right), [-1.0, np.nan, np.nan, np.nan])


def test_a_seer_has_an_information_coefficient_of_one_and_only_at_its_own_lag() -> None:
    rows = decision_rows(PANEL, rebalance_bars=8, delay_bars=1, start_row=0)
    for lag in (0, 2):
        seer = np.full(PANEL.shape, np.nan)
        seer[rows] = outcomes(PANEL.fields["open"], rows + 1 + lag * 8, 8)
        found = information(seer, PANEL, rows, delay_bars=1, horizon_bars=8)
        assert found.lag_rank_ic[lag] == pytest.approx(1.0)
        others = np.delete(found.lag_rank_ic, lag)
        assert np.abs(others).max() < 0.5
        if lag == 0:
            assert (np.diff(found.quantile_returns) > 0).all()


def test_ties_on_the_border_of_two_fifths_mirror_too() -> None:
    # Ten names, the second and third tied: both stand on the border of the two lowest fifths.
    growth = 1 + np.arange(1, 11) / 100
    opens = np.float64(10) * growth ** np.arange(40)[:, None]
    even = replace(PANEL.rows(0, 40), symbols=tuple("ABCDEFGHIJ"), fields={"open": opens})
    signal = np.tile([0.0, 1.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], (40, 1))
    upward, downward = (
        information(values, even, np.arange(0, 30), delay_bars=1, horizon_bars=1).quantile_returns
        for values in (signal, -signal)
    )
    np.testing.assert_allclose(upward, downward[::-1], rtol=1e-12)
    np.testing.assert_allclose(upward, [0.01, 0.03, 0.055, 0.075, 0.095], rtol=1e-9)


def test_each_fifth_holds_its_share_of_the_names() -> None:
    # Five names whose opens grow at 1 to 5 percent a bar: the fifths must be those very returns.
    growth = 1 + np.arange(1, 6) / 100
    opens = growth ** np.arange(40)[:, None]
    even = replace(PANEL, times=PANEL.times[:40], symbols=tuple("ABCDE"), fields={"open": opens})
    signal = np.tile(np.arange(5.0), (40, 1))
    found = information(signal, even, np.arange(0, 30), delay_bars=1, horizon_bars=1)
    np.testing.assert_allclose(found.quantile_returns, np.arange(1, 6) / 100)
    assert found.lag_rank_ic == pytest.approx(np.ones(10))


def test_the_error_of_a_lag_is_that_of_a_mean() -> None:
    known = FACTS.information.rank_ic[np.isfinite(FACTS.information.rank_ic)]
    assert FACTS.information.lag_rank_ic_se[0] == mean_and_error(known)[1]
    # Too few values for a lag: then it is the plain error of a mean.
    assert mean_and_error(np.array([1.0, 2.0, 4.0]))[1] > 0


def test_the_outcome_of_a_decision_starts_after_it_is_traded() -> None:
    opens = np.array([[1.0], [2.0], [4.0], [12.0], [np.nan]])
    found = outcomes(opens, np.array([1, 2, 3, 4]), 1)
    np.testing.assert_array_equal(found[:, 0], [1.0, 2.0, np.nan, np.nan])


def test_a_book_that_never_moves_has_no_ratios_rather_than_zeros() -> None:
    found = measured([0.0] * 50)
    for name in ("sharpe", "sharpe_se", "sortino", "annual_volatility", "skew", "kurtosis"):
        assert found[name] is None, name
    assert found["hit_rate"] is None
    assert found["calmar"] is None
    assert found["total_return"] == found["max_drawdown"] == 0.0


def test_a_constant_gain_has_no_sharpe_however_it_rounds() -> None:
    found = measured([0.1] * 37)
    assert found["sharpe"] is None
    assert found["sortino"] is None
    assert found["max_drawdown"] == 0.0
    assert found["hit_rate"] == 1.0


def test_a_ruined_book_loses_everything_a_year() -> None:
    found = measured([0.1, -1.5, 0.0])
    assert found["annual_return"] == -1.0
    assert found["max_drawdown"] == pytest.approx(1.5)
    assert found["total_return"] == pytest.approx(-1.55)


def test_the_first_fall_counts_against_the_capital() -> None:
    assert measured([-0.25, 0.1])["max_drawdown"] == pytest.approx(0.25)
    assert measured([-0.25, 0.1], capital=500.0)["max_drawdown"] == pytest.approx(0.25)


def test_a_growth_beyond_all_numbers_is_no_number() -> None:
    assert measured([9.0, 9.0])["annual_return"] is None
    for value in measured([9.0, 9.0]).values():
        assert value is None or math.isfinite(value)


def test_capital_changes_no_metric() -> None:
    rich = measure(facts_of(PANEL, SIGNAL, capital=1e6))
    for name, value in FOUND.items():
        if value is None:
            assert rich[name] is None, name
        else:
            assert rich[name] == pytest.approx(value, rel=1e-9), name


def test_positions_gain_what_the_book_gained() -> None:
    gains = gains_of_positions(FACTS)
    assert gains is not None
    total = FOUND["total_return"]
    assert gains.sum() == pytest.approx(total, rel=1e-9)
    assert FOUND["win_rate"] == pytest.approx((gains > 0).mean())
    assert FOUND["profit_factor"] == pytest.approx(gains[gains > 0].sum() / -gains[gains < 0].sum())


def test_a_flip_ends_one_position_at_the_open_and_begins_the_next() -> None:
    opens = np.full((24, 2), 100.0)
    closes = opens.copy()
    # The price jumps between a close and the next open, just where the book trades.
    opens[8:16, 0], closes[8:15, 0] = 110.0, 110.0
    closes[15, 0], opens[16:, 0], closes[16:, 0] = 98.0, 90.0, 95.0
    panel = replace(
        PANEL, times=PANEL.times[:24], symbols=("A", "B"), fields={"open": opens, "close": closes}
    )
    weights = np.zeros((24, 2))
    weights[7], weights[15] = [-0.5, 0.0], [0.5, 0.0]
    free = Costs(taker_bp=Decimal(0), slippage_bp=Decimal(0), has_funding=False)
    done = simulate(weights, panel, rebalance_bars=8, delay_bars=1, costs=free)
    found = gains_of_positions(Facts(done, FACTS.information, market=market_of(panel, 0)))
    assert found is not None
    # Short half at 110, covered at 90; then long half of the equity at 90, marked at 95.
    short = 0.5 / 110 * 20
    assert found.tolist() == pytest.approx([short, 0.5 * (1 + short) / 90 * 5])


def test_capacity_is_where_impact_takes_all_of_the_return() -> None:
    rng = np.random.default_rng(5)
    closes = PANEL.fields["close"]
    volume = rng.uniform(1e5, 1e6, closes.shape)
    rows = decision_rows(PANEL, rebalance_bars=8, delay_bars=1, start_row=0)
    seer = np.full(PANEL.shape, np.nan)
    seer[rows] = outcomes(PANEL.fields["open"], rows + 1, 8)
    with_volume = replace(PANEL, fields={**PANEL.fields, "quote_volume": volume})
    facts = facts_of(with_volume, seer)
    capital = measure(facts)["capacity"]
    assert capital is not None
    done = facts.simulation
    before = np.concatenate(([1.0], done.equity[:-1]))
    sigma = pd.DataFrame(closes).pct_change(fill_method=None).std().to_numpy()
    lost = 0.0
    for row in range(len(before)):
        orders = done.traded[row] / before[row] * capital
        lost += float((sigma * np.sqrt(orders / volume.mean(axis=0)) * orders).sum()) / capital
    assert lost == pytest.approx(done.returns.sum(), rel=1e-9)
    assert measure(facts_of(with_volume, -seer))["capacity"] is None  # No gain to eat.
    assert measure(facts_of(PANEL, seer))["capacity"] is None  # No volume known.


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1.0, 1e160, 1e305])
def test_a_signal_of_any_size_has_the_same_information(scale: float) -> None:
    rows = decision_rows(PANEL, rebalance_bars=8, delay_bars=1, start_row=0)
    plain = information(SIGNAL, PANEL, rows, delay_bars=1, horizon_bars=8)
    found = information(SIGNAL * scale, PANEL, rows, delay_bars=1, horizon_bars=8)
    np.testing.assert_allclose(found.ic, plain.ic, rtol=1e-9)
    np.testing.assert_array_equal(found.rank_ic, plain.rank_ic)


def test_a_small_universe_in_a_wide_panel_has_the_correlations_of_its_names() -> None:
    wide = panel_of(seed=4, rows=200, names=10)
    rng = np.random.default_rng(6)
    signal = np.where(rng.random(wide.shape) < 0.4, rng.normal(size=wide.shape), np.nan)
    rows = np.arange(0, 190, 4)
    found = information(signal, wide, rows, delay_bars=1, horizon_bars=4)
    for lag in (0, 3):
        later = outcomes(wide.fields["open"], rows + 1 + 4 * lag, 4)
        mean, error = mean_and_error(rank_correlations(signal[rows], later))
        assert found.lag_rank_ic[lag] == pytest.approx(mean, rel=1e-12)
        assert found.lag_rank_ic_se[lag] == pytest.approx(error, rel=1e-12)
