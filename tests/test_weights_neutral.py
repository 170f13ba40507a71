"""Books that are neutral, and leverage that is stated: by hand, and what always holds."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl import compile_text
from alphaforge.dsl.nodes import Field
from alphaforge.dsl.strategy import Portfolio, Rule
from alphaforge.engine.backtest import look_back_bars
from alphaforge.engine.neutral import betas_of, neutral, shrunk
from alphaforge.engine.trail import Trail
from alphaforge.engine.weights import target_weights
from alphaforge.execution.signals import EngineSignals
from alphaforge.tests.test_backtest_splits import EVALUATOR
from alphaforge.tests.test_backtest_strategy import call, panel, run, strategy
from alphaforge.tests.test_weights_bounds import portfolio, trail, weigh
from alphaforge.tests.trees import CATALOGUE

Matrix = NDArray[np.float64]
GROUPS = Field("sector")


def test_each_group_of_what_is_held_has_no_net() -> None:
    # Groups 0 0 1 1; 4 and 2 less their mean are 1 and -1, so are 3 and 1; a quarter of gross each.
    codes = np.array([[0.0, 0.0, 1.0, 1.0]])
    plan = portfolio(neutral=GROUPS)
    on = replace(trail(np.zeros((1, 4))), neutral=codes)
    assert weigh([4, 2, 3, 1], plan, on) == pytest.approx([0.25, -0.25, 0.25, -0.25])
    # A name that is not held does not take part: 4 and 2 are of one group, 3 alone of another.
    assert weigh([4, 2, 3, 0], plan, on) == pytest.approx([0.5, -0.5, 0, 0])
    # A name of no group is a group of its own.
    alone = replace(on, neutral=np.array([[0.0, 0.0, np.nan, np.nan]]))
    assert weigh([4, 2, 3, 1], plan, alone) == pytest.approx([0.5, -0.5, 0, 0])


def test_a_beta_is_the_slope_on_the_benchmark() -> None:
    benchmark = np.array([0.01, -0.02, 0.03, 0.0])
    sample = np.column_stack([2 * benchmark + 0.5, -benchmark, np.full(4, 0.1)])
    found = betas_of(sample, benchmark)
    assert found is not None
    assert found == pytest.approx([2, -1, 0], abs=1e-12)
    assert betas_of(sample, np.full(4, 0.01)) is None
    assert betas_of(sample, np.array([0.01, np.nan, 0.0, 0.0])) is None


def test_beta_is_taken_off_by_hand() -> None:
    # (1, 0) on betas (1, 1) leaves (1/2, -1/2); on betas (2, 1), 2 / 5 of them go: (1/5, -2/5).
    weights = np.array([1.0, 1e-300])
    assert neutral(weights, gross=1.0, betas=np.array([1.0, 1.0])) == pytest.approx([0.5, -0.5])
    found = neutral(weights, gross=3.0, betas=np.array([2.0, 1.0]))
    assert found == pytest.approx([1.0, -2.0])


def test_what_is_only_rounding_is_no_position() -> None:
    betas = np.array([0.7, 0.3])
    # Two names, no net and no beta: nothing is left but the last digits.
    assert not neutral(np.array([0.6, -0.4]), gross=1.0, groups=np.zeros(2), betas=betas).any()
    assert not neutral(np.array([0.3, 0.3, 0.3]), gross=1.0, groups=np.zeros(3)).any()


@pytest.mark.parametrize("seed", range(8))
def test_no_exposure_is_left_and_no_bound_is_broken(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, names, bars = 200, 16, 48
    market = rng.normal(0, 0.01, rows)
    returns = rng.uniform(-0.5, 2, names) * market[:, None] + rng.normal(0, 0.01, (rows, names))
    places = np.arange(60, rows, 7)
    codes = rng.integers(0, 3, (len(places), names)).astype(float)
    signal = rng.standard_t(3, (len(places), names))
    mask = rng.random(signal.shape) < 0.9
    on = Trail(places, returns, codes, 8760.0, neutral=codes, benchmark=market)
    plan = Portfolio(
        rule=[Rule.PROPORTIONAL, Rule.LONG_SHORT][seed % 2],
        quantile=Decimal("0.4") if seed % 2 else None,
        gross=Decimal(2),
        weight_max=Decimal("0.2"),
        groups=GROUPS,
        group_max=Decimal("0.8"),
        neutral=GROUPS,
        beta_bars=bars,
        vol_target=Decimal("0.5"),
        target_bars=bars,
        gross_max=Decimal(4),
    )
    out = target_weights(signal, mask, plan, on)
    assert out.any(axis=1).all()
    for at, row in enumerate(places):
        betas = betas_of(returns[row + 1 - bars : row + 1], market[row + 1 - bars : row + 1])
        assert betas is not None
        scale = np.abs(out[at]).sum()
        assert abs((out[at] * betas).sum()) < 1e-12 * scale
        for group in range(3):
            assert abs(out[at][codes[at] == group].sum()) < 1e-12 * scale
            assert np.abs(out[at][codes[at] == group]).sum() <= 0.8 * (1 + 1e-12)
        assert np.abs(out[at]).max() <= 0.2 * (1 + 1e-12)
        assert scale <= 4 * (1 + 1e-12)
        assert not out[at][~mask[at]].any()


def test_caps_scale_a_neutral_book_as_a_whole() -> None:
    weights = np.array([0.5, -0.3, -0.2])
    found = shrunk(weights, weight_max=0.25, groups=None, group_max=None)
    assert found == pytest.approx([0.25, -0.15, -0.1])
    groups = np.array([1.0, 1.0, np.nan])
    found = shrunk(weights, weight_max=None, groups=groups, group_max=0.4)
    assert found == pytest.approx(weights / 2)
    assert np.array_equal(shrunk(weights, weight_max=1, groups=groups, group_max=1), weights)


def test_a_calm_book_is_scaled_up_only_where_a_text_says_how_far() -> None:
    returns = np.array([[0.01, 0.0], [-0.01, 0.0]])
    volatility = 0.01 * np.sqrt(2) * np.sqrt(8760)
    target = Decimal(str(round(volatility * 2, 6)))
    plan = portfolio(Rule.TOP_K, k=1, vol_target=target, target_bars=2)
    assert weigh([2, 1], plan, trail(returns)) == [1, 0]
    found = weigh([2, 1], replace(plan, gross_max=Decimal(5)), trail(returns))
    assert found == pytest.approx([2, 0], rel=1e-5)
    assert weigh([2, 1], replace(plan, gross_max=Decimal("1.5")), trail(returns)) == [1.5, 0]
    capped = replace(plan, gross_max=Decimal(5), weight_max=Decimal("1.25"))
    assert weigh([2, 1], capped, trail(returns)) == [1.25, 0]


@pytest.mark.parametrize("benchmark", ["N2", "universe"])
def test_trading_decides_neutral_weights_as_research_does(benchmark: str) -> None:
    signal = call("zscore", call("neg", call("delta", Field("close"), 24)))
    plan = strategy(
        signal=signal,
        portfolio=Portfolio(Rule.PROPORTIONAL, None, beta_bars=48, net=Decimal(0)),
        benchmark=benchmark,
    )
    found = run(plan)
    close = panel().fields["close"]
    returns = close[1:] / close[:-1] - 1.0
    against = returns[:, 2] if benchmark == "N2" else returns.mean(axis=1)
    live = EngineSignals(plan, panel(), EVALUATOR)
    for row in found.decisions[[0, 7, -1]]:
        weights = found.weights[row]
        window = slice(row - 48, row)
        slopes = np.array(
            [np.polyfit(against[window], returns[window, at], 1)[0] for at in range(8)]
        )
        assert abs((weights * slopes).sum()) < 1e-12
        assert abs(weights.sum()) < 1e-12
        assert np.abs(weights).sum() == pytest.approx(1)
        decided = live(int(panel().times[row]))
        assert [float(decided.get(name, 0)) for name in panel().symbols] == weights.tolist()


def test_the_warm_up_holds_the_window_of_betas() -> None:
    plan = strategy(portfolio=Portfolio(beta_bars=100), benchmark="N1")
    assert look_back_bars(plan) == 100
    assert look_back_bars(replace(plan, benchmark="universe")) == 101


def test_betas_to_what_the_data_set_lacks_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="no benchmark `X`"):
        run(strategy(portfolio=Portfolio(beta_bars=48), benchmark="X"))


def test_a_text_says_all_of_it() -> None:
    text = """strategy s {
      portfolio proportional, net 0, neutral by sector, beta_neutral 30d, vol_target 20% over 7d,
        max_gross 3
      backtest benchmark "N1"
      signal zscore(returns)
    }"""
    found = compile_text(text, CATALOGUE).require().portfolio
    assert (found.neutral, found.beta_bars, found.gross_max) == (GROUPS, 720, Decimal(3))
    assert found.groups is None
