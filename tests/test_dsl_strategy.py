"""Parameters, features, conditions, portfolio rules and splits, as texts say them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphaforge.core.diagnostics import Severity, render_all
from alphaforge.dsl import compile_text
from alphaforge.dsl.layout import format_text
from alphaforge.dsl.splits import Fold, folds_of, problem_of
from alphaforge.dsl.strategy import (
    Holdout,
    Portfolio,
    Rule,
    Split,
    SplitKind,
    Window,
    strategy_text,
)
from alphaforge.dsl.sweep import Param, variant_count, variants
from alphaforge.engine.information import outcomes
from alphaforge.tests.golden_pairs import check, pairs
from alphaforge.tests.trees import CATALOGUE, splits, tries

SWEPT = """
strategy swept {
  # How far back to look.
  param lookback in [12h, 24h, 48h]
  param k = 3 in [2, 3, 5]
  param q in 10% .. 30% step 10%
  param driver in ["gaussian", "uniform"]
  let ret = returns(close)
  signal -k * quantile(ts_sum(ret, 2 * lookback), driver=driver) / ts_std(ret, 7d)
  portfolio long_short quantile q, max_weight 20%
}
"""


def written(lookback: str, k: str, q: str, driver: str) -> str:
    """Write the same text with values where the parameters stand."""
    return f"""
strategy written {{
  let ret = returns(close)
  signal -{k} * quantile(ts_sum(ret, 2 * {lookback}), driver={driver}) / ts_std(ret, 7d)
  portfolio long_short quantile {q}, max_weight 20%
}}
"""


def told(text: str) -> str:
    return render_all(compile_text(text, CATALOGUE).diagnostics, text)


def strategy_of(*lines: str) -> str:
    body = "\n".join(lines)
    return f"strategy s {{\n{body}\nsignal returns\n}}"


def test_golden_faults_of_strategies_are_told_as_reviewed() -> None:
    check("dsl_strategy_faults.txt", told)


@pytest.mark.parametrize("pair", pairs("dsl_strategy_faults.txt"), ids=lambda pair: pair.title[:40])
def test_each_finding_has_a_place_and_a_way_out(pair: object) -> None:
    text = pair.text  # type: ignore[attr-defined]
    found = compile_text(text, CATALOGUE).diagnostics
    assert found
    for item in found:
        assert item.span is not None
        assert 0 <= item.span.start <= item.span.end <= len(text)
        assert item.help
        assert not item.message.endswith(".")


def test_a_parameter_is_its_default_or_its_first_value() -> None:
    made = compile_text(SWEPT, CATALOGUE)
    assert made.diagnostics == ()
    assert made.params == (
        Param("lookback", ("12h", "24h", "48h"), "12h"),
        Param("k", ("2", "3", "5"), "3"),
        Param("q", ("10%", "20%", "30%"), "10%"),
        Param("driver", ('"gaussian"', '"uniform"'), '"gaussian"'),
    )
    assert variant_count(made.params) == 3 * 3 * 3 * 2


def test_D10_a_variant_has_the_fingerprint_of_its_values_written_in() -> None:
    params = compile_text(SWEPT, CATALOGUE).params
    names = {}
    for choice in variants(params):
        made = compile_text(SWEPT, CATALOGUE, params=choice)
        plain = compile_text(written(**choice), CATALOGUE)
        assert made.strategy_fingerprint == plain.strategy_fingerprint != ""
        assert made.signal_fingerprint == plain.signal_fingerprint
        assert {param.name: param.chosen for param in made.params} == choice
        names[made.strategy_fingerprint] = choice
    assert len(names) == variant_count(params)


def test_a_chosen_variant_says_what_it_is_without_being_told_again() -> None:
    made = compile_text(SWEPT, CATALOGUE, params={"lookback": "2d", "k": "5"})
    assert "param lookback = 2d in [12h, 24h, 48h]" in made.text
    assert "param k = 5 in [2, 3, 5]" in made.text
    assert "# How far back to look." in made.text
    again = compile_text(made.text, CATALOGUE)
    assert again.strategy_fingerprint == made.strategy_fingerprint
    assert again.params[0] == Param("lookback", ("12h", "24h", "48h"), "48h")
    printed = strategy_text(made.require())
    assert "param" not in printed
    assert compile_text(printed, CATALOGUE).strategy_fingerprint == made.strategy_fingerprint


@pytest.mark.parametrize(
    ("params", "code", "says"),
    [
        ({"lookbak": "12h"}, "AF273", "`lookback`"),
        ({"nothing_like_it": "12h"}, "AF273", "`driver`"),
        ({"lookback": "13h"}, "AF271", "`12h`, `24h`, `48h`"),
        ({"lookback": "24"}, "AF271", "`12h`, `24h`, `48h`"),
        ({"lookback": "close"}, "AF274", "`48h`"),
        ({"k": "2 in [2] ; signal close #"}, "AF274", "`48h`"),
        ({"k": ""}, "AF274", "`48h`"),
    ],
)
def test_a_wrong_choice_is_told(params: dict[str, str], code: str, says: str) -> None:
    made = compile_text(SWEPT, CATALOGUE, params=params)
    assert made.strategy is None
    (found,) = [item for item in made.diagnostics if item.severity is Severity.ERROR]
    assert found.code == code
    assert says in found.help


@pytest.mark.parametrize("said", ["2d # two", "  2d\n", "\t2d"])
def test_a_choice_is_its_constant_alone(said: str) -> None:
    made = compile_text(SWEPT, CATALOGUE, params={"lookback": said})
    assert made.text == compile_text(SWEPT, CATALOGUE, params={"lookback": "2d"}).text
    assert made.strategy is not None


def test_D9_a_long_choice_is_echoed_in_part() -> None:
    text = strategy_of('param w in ["' + "a" * 250 + '", "b"]')
    made = compile_text(text, CATALOGUE, params={"w": '"' + "c" * 250 + '"'})
    (found,) = [item for item in made.diagnostics if item.code == "AF271"]
    assert "c" * 81 not in found.message
    assert "a" * 81 not in found.help


@pytest.mark.timeout(20)
def test_a_name_far_too_long_to_be_meant_takes_no_time() -> None:
    made = compile_text(SWEPT, CATALOGUE, params={"lookback" * 4_000_000: "1"})
    (found,) = [item for item in made.diagnostics if item.severity is Severity.ERROR]
    assert found.code == "AF273"


def test_a_choice_for_a_bare_formula_is_told() -> None:
    made = compile_text("rank(close)", CATALOGUE, params={"k": "1"})
    assert [item.code for item in made.diagnostics] == ["AF273"]


def test_a_list_may_go_over_lines_and_is_laid_out() -> None:
    text = strategy_of("param n in [", "  12h,", "  24h", "]", "let x = ts_mean(returns, n)")
    made = compile_text(text.replace("signal returns", "signal x"), CATALOGUE)
    assert made.params == (Param("n", ("12h", "24h"), "12h"),)
    laid = format_text(SWEPT)
    assert "param     lookback in [12h, 24h, 48h]" in laid
    same = compile_text(laid, CATALOGUE)
    assert same.strategy_fingerprint == compile_text(SWEPT, CATALOGUE).strategy_fingerprint


def test_features_are_named_by_their_own_fingerprint_and_alter_nothing() -> None:
    plain = compile_text(strategy_of(), CATALOGUE)
    made = compile_text(strategy_of("feature vol_7d = ts_std(returns, 7d)"), CATALOGUE)
    assert made.diagnostics == ()  # One that is not used is no fault.
    assert made.strategy_fingerprint == plain.strategy_fingerprint
    alone = compile_text("ts_std(returns, 7d)", CATALOGUE)
    assert made.features == (("vol_7d", alone.signal_fingerprint),)
    used = strategy_of("feature v = ts_std(returns, 7d)").replace("signal returns", "signal -v")
    other = compile_text("-ts_std(returns, 7d)", CATALOGUE)
    assert compile_text(used, CATALOGUE).signal_fingerprint == other.signal_fingerprint


def test_the_old_name_of_a_rule_means_the_same() -> None:
    old, new = (
        compile_text(strategy_of(f"portfolio {word}, gross 1.5"), CATALOGUE)
        for word in ("weights", "proportional")
    )
    assert old.require().portfolio == Portfolio(Rule.PROPORTIONAL, None, None, Decimal("1.5"))
    assert old.strategy_fingerprint == new.strategy_fingerprint


@pytest.mark.parametrize(
    "line",
    [
        "universe all, where close > 1",
        'universe all, only "A"',
        'universe all, exclude "A"',
        "portfolio proportional",
        "portfolio risk_parity vol 30d",
        "portfolio long_short, net 0",
        "portfolio long_short, net 0.2",
        "portfolio long_short, max_group bucket(close, 3) 30%",
        "portfolio long_short, max_group bucket(close, 4) 30%",
        "portfolio long_short, vol_target 20% over 30d",
        "portfolio long_short, vol_target 20% over 20d",
        "backtest kfold 5",
        "backtest kfold 5 purge 24h",
        "backtest kfold 5 embargo 1d",
        "backtest walk_forward train 90d test 30d",
        "backtest walk_forward train 60d test 30d",
        "backtest holdout 60d",
        "backtest holdout 20%",
        "portfolio long_short, neutral by sector",
        "portfolio long_short, neutral by bucket(close, 3)",
        "portfolio long_short, vol_target 20% over 30d, max_gross 3",
        "portfolio long_short, max_turnover 30%",
        "data bar 1h, roll 3d",
        "backtest benchmark universe",
        'backtest benchmark "BTCUSDT"',
    ],
)
def test_what_can_alter_a_result_alters_the_fingerprint(line: str) -> None:
    plain = compile_text(strategy_of(), CATALOGUE)
    made = compile_text(strategy_of(line), CATALOGUE)
    assert made.is_ok, made.diagnostics
    assert made.strategy_fingerprint != plain.strategy_fingerprint
    assert made.signal_fingerprint == plain.signal_fingerprint
    FOUND.setdefault(made.strategy_fingerprint, line)
    assert FOUND[made.strategy_fingerprint] == line


FOUND: dict[str, str] = {}


def test_the_purge_is_the_horizon_unless_a_text_says_another() -> None:
    text = strategy_of("rebalance every 24h, delay 2", "backtest kfold 5")
    split = compile_text(text, CATALOGUE).require().split
    assert split == Split(SplitKind.KFOLD, folds=5, purge_bars=26)
    said = compile_text(text.replace("kfold 5", "kfold 5 purge 26h"), CATALOGUE)
    assert said.strategy_fingerprint == compile_text(text, CATALOGUE).strategy_fingerprint
    none = compile_text(text.replace("kfold 5", "kfold 5 purge 0"), CATALOGUE).require().split
    assert none is not None
    assert none.purge_bars == 0


def test_walk_forward_tests_follow_each_other_and_their_trains() -> None:
    split = Split(SplitKind.WALK_FORWARD, 10, 4, purge_bars=2, embargo_bars=1)
    assert folds_of(split, 20) == (
        Fold(((0, 7),), (10, 14)),
        Fold(((4, 11),), (14, 18)),
    )
    assert folds_of(split, 13) == ()
    assert "13 bars are fewer" in problem_of(split, 13)


def test_kfold_tests_are_the_whole_and_trains_keep_their_distance() -> None:
    split = Split(SplitKind.KFOLD, folds=3, purge_bars=1, embargo_bars=1)
    assert folds_of(split, 11) == (
        Fold(((6, 11),), (0, 4)),
        Fold(((0, 3), (10, 11)), (4, 8)),
        Fold(((0, 7),), (8, 11)),
    )


@given(splits(), st.integers(1, 2000))
@tries(200)
def test_no_train_comes_nearer_to_its_test_than_purge_and_embargo(split: Split, bars: int) -> None:
    folds = folds_of(split, bars)
    assert bool(folds) != bool(problem_of(split, bars))
    gap = split.purge_bars + split.embargo_bars
    for fold in folds:
        start, stop = fold.test
        assert 0 <= start < stop <= bars
        assert fold.train
        for low, high in fold.train:
            assert 0 <= low < high <= bars
            before = split.purge_bars if split.kind is SplitKind.KFOLD else gap
            assert high + before <= start or stop + gap <= low
    tests = [fold.test for fold in folds]
    assert all(first[1] == second[0] for first, second in pairwise(tests))


@given(splits(), st.integers(1, 400), st.integers(1, 6), st.integers(1, 3))
@tries(100)
def test_no_outcome_of_a_train_looks_at_a_test_nor_the_other_way(
    split: Split, bars: int, rebalance: int, delay: int
) -> None:
    # Lopez de Prado 2018, 7.4.1: of overlapping outcomes one must go. Each is known by its prices.
    split = replace(split, purge_bars=rebalance + delay)
    opens = np.arange(1.0, bars + 1.0)[:, None]
    for fold in folds_of(split, bars)[:5]:
        trained = np.concatenate([np.arange(*segment) for segment in fold.train])
        for learnt, hidden in ((trained, np.arange(*fold.test)), (np.arange(*fold.test), trained)):
            other = opens.copy()
            other[hidden] *= 2.0
            entries = learnt + delay
            before, after = (outcomes(prices, entries, rebalance) for prices in (opens, other))
            np.testing.assert_array_equal(before, after)


def test_a_holdout_is_counted_from_the_end_in_whole_days() -> None:
    window = Window(date(2025, 5, 1), date(2025, 5, 10))
    assert Holdout(days=3).seen(window) == Window(date(2025, 5, 1), date(2025, 5, 7))
    assert Holdout(share=Decimal("0.25")).seen(window) == Window(date(2025, 5, 1), date(2025, 5, 7))
    assert Holdout(days=10).seen(window) is None
