"""Back-tests with conditions, folds and holdouts, through the one door and on whole panels."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl import compile_text
from alphaforge.dsl.nodes import Field
from alphaforge.dsl.strategy import (
    Holdout,
    Portfolio,
    Rule,
    Split,
    SplitKind,
    Strategy,
    Universe,
    Window,
)
from alphaforge.engine.backtest import look_back_bars, span_of
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.universe import universe_mask
from alphaforge.execution.signals import EngineSignals
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.test_backtest_strategy import call, panel, run, strategy
from alphaforge.tests.trees import CATALOGUE

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
WALK = Split(SplitKind.WALK_FORWARD, 96, 48, purge_bars=9, embargo_bars=3)


def risk_parity(**changes: object) -> Strategy:
    plan = Portfolio(Rule.RISK_PARITY, None, vol_bars=48)
    signal = call("zscore", call("neg", call("delta", Field("close"), 24)))
    return strategy(signal=signal, portfolio=replace(plan, **changes))  # type: ignore[arg-type]


def test_a_walk_forward_run_reports_each_test_and_all_of_them() -> None:
    found = run(strategy(split=WALK))
    returns = found.simulation.returns
    assert [fold.test for fold in found.folds] == [
        ("2025-03-09 00:00", "2025-03-11 00:00"),
        ("2025-03-11 00:00", "2025-03-13 00:00"),
        ("2025-03-13 00:00", "2025-03-15 00:00"),
    ]
    first = found.folds[0]
    assert first.train == (("2025-03-05 00:00", "2025-03-08 12:00"),)
    assert (first.train_bars, first.test_bars) == (84, 48)
    tested = returns[96:240]
    sharpe = tested.mean() / tested.std(ddof=1) * np.sqrt(365 * 24)
    assert found.metrics["oos_sharpe"] == pytest.approx(sharpe, rel=1e-12)
    growth = np.prod(1 + tested)
    assert found.metrics["oos_annual_return"] == pytest.approx(growth ** (365 * 24 / 144) - 1)
    curve = np.concatenate(([1.0], np.cumprod(1 + tested)))
    fall = (1 - curve / np.maximum.accumulate(curve)).max()
    assert found.metrics["oos_max_drawdown"] == pytest.approx(fall)
    assert first.test_return == pytest.approx(np.prod(1 + returns[96:144]) - 1)
    assert any(note.startswith("3 folds, tested from 2025-03-09") for note in found.notes)


def test_a_split_changes_what_is_reported_and_nothing_that_is_simulated() -> None:
    plain, cut = run(strategy()), run(strategy(split=Split(SplitKind.KFOLD, folds=4)))
    assert np.array_equal(plain.simulation.equity, cut.simulation.equity)
    assert plain.metrics["oos_sharpe"] is None
    assert plain.folds == ()
    # The tests of k folds are all bars: nothing is fitted, so both are one figure.
    assert cut.metrics["oos_sharpe"] == cut.metrics["sharpe"] == plain.metrics["sharpe"]


def test_too_few_bars_for_the_folds_are_refused_when_no_window_said_so() -> None:
    with pytest.raises(InvalidInputError, match="fewer than a train of 2160"):
        run(strategy(window=None, split=Split(SplitKind.WALK_FORWARD, 2160, 720)))


def test_the_holdout_is_neither_loaded_nor_simulated_and_is_told() -> None:
    held = strategy(holdout=Holdout(share=Decimal("0.25")))
    shorter = strategy(window=Window(date(2025, 3, 5), date(2025, 3, 11)))
    found, plain = run(held), run(shorter)
    assert np.array_equal(found.simulation.equity, plain.simulation.equity)
    assert span_of(held)[1] == datetime(2025, 3, 12, tzinfo=UTC)
    note = "withheld, neither loaded nor simulated: 2025-03-12 .. 2025-03-14"
    assert note in found.notes


def test_bars_of_the_holdout_change_nothing() -> None:
    plan = strategy(window=None, holdout=Holdout(days=5))
    first = run(plan)
    fields = {name: values.copy() for name, values in panel().fields.items()}
    stop = 15 * 24
    for values in fields.values():
        values[stop:] *= np.linspace(0.5, 2.0, values.shape[1])
    second = run(plan, replace(panel(), fields=fields))
    assert first.simulation.times[-1] == panel().times[stop - 1]
    assert np.array_equal(first.simulation.equity, second.simulation.equity)
    assert first.metrics == second.metrics


def test_a_panel_that_was_cut_is_not_cut_again() -> None:
    plan = strategy(window=None, holdout=Holdout(share=Decimal("0.25")))
    covered = Window(date(2025, 3, 1), date(2025, 3, 20))
    end = span_of(plan, covered)[1]
    assert end == datetime(2025, 3, 16, tzinfo=UTC)
    stop = int(np.searchsorted(panel().times, end.timestamp()))
    from alphaforge.engine.backtest import backtest

    whole = run(plan)
    cut = backtest(plan, panel().rows(0, stop), EVALUATOR, covered=covered)
    assert np.array_equal(whole.simulation.equity, cut.simulation.equity)
    assert whole.notes == cut.notes


def test_a_holdout_of_everything_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="takes all days"):
        run(strategy(window=None, holdout=Holdout(days=99)))


def test_a_condition_is_asked_of_those_that_passed_and_before_the_ranking() -> None:
    names = panel().symbols
    rising = call("gt", Field("close"), call("delay", Field("close"), 24))
    universe = Universe(top=2, by=Field("volume"), where=rising, exclude=(names[0],))
    mask = universe_mask(universe, panel(), EVALUATOR)
    close, volume = panel().fields["close"], panel().fields["volume"]
    for row in (30, 100, 200):
        risen = [name for name in range(1, 8) if close[row, name] > close[row - 24, name]]
        best = sorted(risen, key=lambda name: -volume[row, name])[:2]
        assert np.flatnonzero(mask[row]).tolist() == sorted(best)
    assert not mask[:24].any()  # Missing is no.


def test_a_rank_in_a_condition_ranks_those_that_passed() -> None:
    names = panel().symbols
    upper = call("gt", call("rank", Field("volume")), call("delay", Field("close"), 1))
    assert upper is not None
    text = 'strategy s { universe all, where rank(volume) >= 1, only ["N1", "N4"]\nsignal returns }'
    universe = compile_text(text, CATALOGUE).require().universe
    assert universe.only == ("N1", "N4")
    mask = universe_mask(universe, panel(), EVALUATOR)
    volume = panel().fields["volume"]
    highest = np.where(volume[:, 1] > volume[:, 4], 1, 4)
    assert np.array_equal(np.argmax(mask, axis=1), highest)
    assert (mask.sum(axis=1) == 1).all()
    assert names[1] == "N1"


def test_names_that_the_data_lacks_are_told() -> None:
    found = run(strategy(universe=Universe(exclude=("DOGE", "N1"))))
    assert "the universe names instruments that the dataset lacks: DOGE" in found.notes
    assert not found.weights[:, 1].any()


def test_volatilities_are_loaded_before_the_window() -> None:
    plan = risk_parity()
    assert look_back_bars(plan) == 48
    start = span_of(plan)[0]
    assert start is not None
    first = int(np.searchsorted(panel().times, start.timestamp()))
    whole, cut = run(plan), run(plan, panel().rows(first, panel().shape[0]))
    assert np.array_equal(whole.simulation.equity, cut.simulation.equity)
    assert whole.simulation.traded[0].any()


def test_a_volatility_target_is_told_where_it_binds() -> None:
    found = run(risk_parity(vol_target=Decimal("0.05"), target_bars=24))
    assert any("the volatility target binds" in note for note in found.notes)
    assert np.abs(found.weights).sum(axis=1).max() < 1


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"net": Decimal(0), "weight_max": Decimal("0.2")},
        {"vol_target": Decimal("0.2"), "target_bars": 30},
        {"groups": call("bucket", Field("volume"), 3), "group_max": Decimal("0.3")},
    ],
)
def test_live_weights_are_those_of_research(changes: dict[str, object]) -> None:
    plan = risk_parity(**changes)
    found = run(plan)
    live = EngineSignals(plan, panel(), EVALUATOR)
    for row in found.decisions[::7]:
        weights = live(int(panel().times[row]))
        assert {name: float(value) for name, value in weights.items()} == {
            name: weight
            for name, weight in zip(panel().symbols, found.weights[row].tolist(), strict=True)
            if weight
        }
