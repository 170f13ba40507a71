"""What a compile promises: names for meanings, causality, facts, and no side doors."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import alphaforge.dsl
from alphaforge.core.errors import InvalidTextError
from alphaforge.dsl import Catalogue, Compilation, compile_text
from alphaforge.dsl.fingerprint import run_fingerprint
from alphaforge.dsl.statement import Spec, specs
from alphaforge.dsl.strategy import Costs, Portfolio, Rule, Strategy, Universe, Use, Window
from alphaforge.tests.trees import CATALOGUE

DSL = Path(alphaforge.dsl.__file__).parent
PACKED = CATALOGUE.with_pack("midfreq", "1.2.0", (), ())
WHOLE = """
# Everything a strategy can say.
strategy whole {
  doc "All statements"
  use midfreq >= 1.1

  data      perps_1h bar 1h
  universe  top 15 by ts_mean(quote_volume, 30d), min_history 60d
  let       ret = returns(close)
  factor    reversal = -ts_sum(ret, 24h) / ts_std(ret, 7d)
  factor    carry    = -ts_mean(funding_rate, 3d)
  signal    zscore(rank(reversal)) + 0.5 * zscore(rank(carry))
            |> winsorize(2)

  portfolio long_short quantile 0.25, gross 1.5, max_weight 10%
  rebalance every 8h, delay 2
  costs     taker 4bp, slippage 0.01%, funding off
  backtest  2025-05-01 .. 2025-11-30
  risk      max_drawdown 20%, max_leverage 2
}
"""


def compiled(text: str, catalogue: Catalogue = CATALOGUE) -> Compilation:
    compilation = compile_text(text, catalogue)
    assert compilation.is_ok, compilation.diagnostics
    return compilation


def codes(text: str, catalogue: Catalogue = CATALOGUE) -> list[str]:
    return [item.code for item in compile_text(text, catalogue).diagnostics]


def test_a_formula_has_one_fingerprint_however_it_is_written() -> None:
    texts = [
        "rank(ts_mean(close, 24h) / close)",
        "  rank( ts_mean( close,24 )\n# a comment\n / close )  ",
        "ts_mean(x=close, bars=1d) / close |> rank",
        "rank(mean(close, 1440m) / close)",
    ]
    found = {compiled(text).fingerprint for text in texts}
    assert len(found) == 1
    (fingerprint,) = found
    assert fingerprint.startswith("sig_")
    assert len(fingerprint) == len("sig_") + 32


def test_swapped_operands_share_a_fingerprint() -> None:
    swapped = "volume * (close + open) / (1 + max(low, high))"
    assert (
        compiled(swapped).fingerprint
        == compiled("(open + close) * volume / (max(high, low) + 1)").fingerprint
    )


@pytest.mark.parametrize(
    "text",
    [
        "rank(ts_mean(close, 25h) / close)",
        "rank(ts_mean(open, 24h) / close)",
        "rank(ts_sum(close, 24h) / close)",
        "rank(close / ts_mean(close, 24h))",
        "-rank(ts_mean(close, 24h) / close)",
        "rank(ts_mean(close, 24h, min_periods=12) / close)",
        "rank(ts_mean(close, 24h) / close) + 1e-9",
    ],
)
def test_D7_what_can_alter_a_result_alters_the_fingerprint(text: str) -> None:
    assert compiled(text).fingerprint != compiled("rank(ts_mean(close, 24h) / close)").fingerprint


def test_the_length_of_a_bar_is_in_the_fingerprint() -> None:
    hourly = compile_text("ts_mean(returns, 24)", CATALOGUE, bar_seconds=3600)
    daily = compile_text("ts_mean(returns, 24)", CATALOGUE, bar_seconds=86400)
    assert hourly.canonical == daily.canonical
    assert hourly.fingerprint != daily.fingerprint


def test_a_look_ahead_is_a_causality_error() -> None:
    for text in (
        "rank(delay(close, -1))",
        "delay(close, 0)",
        "ts_mean(close, -24h)",
        "delta(close, 1 - 3)",
    ):
        assert codes(text)[0] == "AF201", text


def test_a_misspelt_field_gets_the_name_and_the_fix() -> None:
    (found,) = compile_text("rank(clse)", CATALOGUE).diagnostics
    assert "`close`" in found.help
    assert found.fix is not None
    assert found.fix.text == "close"
    with pytest.raises(InvalidTextError) as error:
        compile_text("rank(clse)", CATALOGUE).require()
    assert error.value.code == "AF102"


def test_a_strategy_file_says_everything() -> None:
    strategy = compiled(WHOLE, PACKED).require()
    assert strategy.name == "whole"
    assert strategy.uses == (Use("midfreq", "1.1"),)
    assert (strategy.dataset, strategy.bar_seconds) == ("perps_1h", 3600)
    assert strategy.universe.top == 15
    assert strategy.universe.min_history_bars == 60 * 24
    assert [name for name, _ in strategy.factors] == ["reversal", "carry"]
    assert strategy.portfolio == Portfolio(
        Rule.LONG_SHORT, Decimal("0.25"), None, Decimal("1.5"), Decimal("0.1")
    )
    assert (strategy.rebalance_bars, strategy.delay_bars) == (8, 2)
    assert strategy.costs == Costs(Decimal(4), Decimal(1), has_funding=False)
    assert strategy.window == Window(date(2025, 5, 1), date(2025, 11, 30))
    assert strategy.risk.drawdown_max == Decimal("0.2")


def test_a_compile_states_reach_inputs_and_operators() -> None:
    facts = compiled(WHOLE, PACKED)
    # The last of the 60 days of history is the bar itself.
    assert facts.warmup_bars == 60 * 24 - 1
    assert facts.inputs == ("close", "funding_rate", "quote_volume")
    assert facts.operators == (
        "add",
        "div",
        "mul",
        "neg",
        "rank",
        "returns",
        "ts_mean",
        "ts_std",
        "ts_sum",
        "winsorize",
        "zscore",
    )
    assert facts.groups == ()
    assert not facts.is_scale_dependent
    assert facts.fingerprint == facts.strategy_fingerprint
    assert facts.signal_fingerprint == compiled(facts.canonical).fingerprint


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("close", 0),
        ("delay(close, 3)", 3),
        ("ts_mean(close, 24)", 23),
        ("ts_mean(delay(returns, 2), 24)", 1 + 2 + 23),
        ("ts_mean(close, 24) + delay(close, 30)", 30),
        ("rank(ts_mean(close, 24))", 23),
    ],
)
def test_warm_up_adds_up_along_the_longest_path(text: str, bars: int) -> None:
    assert compiled(text).warmup_bars == bars


def test_the_universe_warms_up_before_what_looks_across_it() -> None:
    text = "strategy s {{ universe top 5 by ts_mean(quote_volume, 100)\n signal {} }}"
    assert compiled(text.format("ts_mean(rank(returns), 24)")).warmup_bars == 99 + 23
    assert compiled(text.format("ts_mean(returns, 24)")).warmup_bars == 99


def test_order_names_doc_and_comments_do_not_matter() -> None:
    lines = WHOLE.strip().splitlines()
    head, body, tail = lines[1], lines[2:-1], lines[-1]
    signal = next(at for at, line in enumerate(body) if "|>" in line)
    body[signal - 1 : signal + 1] = [f"{body[signal - 1]} {body[signal].strip()}"]
    moved = "\n".join([head, *reversed(body), tail])
    for old, new in (
        ("reversal", "r"),
        ("carry", "c"),
        ("let       ret =", "let momentum ="),
        ("(ret,", "(momentum,"),
        ("All statements", "Another doc"),
        ("strategy whole", "strategy other"),
        ("perps_1h", "other_set"),
    ):
        moved = moved.replace(old, new)
    assert compiled(moved, PACKED).fingerprint == compiled(WHOLE, PACKED).fingerprint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("top 15", "top 14"),
        ("min_history 60d", "min_history 61d"),
        ("quantile 0.25", "quantile 0.2"),
        ("gross 1.5", "gross 1"),
        ("max_weight 10%", "max_weight 11%"),
        ("every 8h", "every 4h"),
        ("delay 2", "delay 1"),
        ("taker 4bp", "taker 5bp"),
        ("slippage 0.01%", "slippage 0.02%"),
        ("funding off", "funding on"),
        ("2025-11-30", "2025-11-29"),
        ("max_drawdown 20%", "max_drawdown 25%"),
        ("ts_mean(quote_volume, 30d)", "ts_mean(quote_volume, 29d)"),
        ("long_short quantile 0.25", "weights"),
    ],
)
def test_each_part_of_a_strategy_is_in_its_fingerprint(old: str, new: str) -> None:
    assert old in WHOLE
    changed = compiled(WHOLE.replace(old, new), PACKED)
    assert changed.strategy_fingerprint != compiled(WHOLE, PACKED).strategy_fingerprint
    assert changed.signal_fingerprint == compiled(WHOLE, PACKED).signal_fingerprint


def test_equal_amounts_written_otherwise_are_equal() -> None:
    other = WHOLE
    for old, new in (
        ("10%", "0.1"),
        ("4bp", "0.04%"),
        ("quantile 0.25", "quantile 25%"),
        ("60d", "1440"),
    ):
        assert old in other
        other = other.replace(old, new)
    assert compiled(other, PACKED).fingerprint == compiled(WHOLE, PACKED).fingerprint


def test_a_bare_formula_stands_at_the_defaults() -> None:
    strategy = compiled("returns").require()
    assert strategy == replace(Strategy("", strategy.signal, 3600))
    assert strategy.universe == Universe()
    assert strategy.delay_bars == 1


def test_a_bare_formula_and_a_file_of_it_alone_are_one_strategy() -> None:
    bare, file = compiled("rank(returns)"), compiled("strategy s { signal rank(returns) }")
    assert bare.strategy_fingerprint == file.strategy_fingerprint
    assert bare.signal_fingerprint == file.signal_fingerprint


@pytest.mark.parametrize("spec", specs().values(), ids=specs().keys())
def test_the_form_in_each_help_line_compiles(spec: Spec) -> None:
    signal = "" if spec.keyword == "signal" else "\n signal returns"
    compilation = compile_text(f"strategy s {{\n {spec.form}{signal}\n}}", PACKED)
    assert compilation.is_ok, compilation.diagnostics


def test_scale_dependence_is_flagged_where_instruments_are_compared() -> None:
    assert compiled("rank(close)").is_scale_dependent
    assert compiled("close").is_scale_dependent
    assert not compiled("rank(close / open)").is_scale_dependent
    assert not compiled("returns").is_scale_dependent
    assert not compiled("rank(quote_volume)").is_scale_dependent
    assert codes("rank(close + 2 * open) ") == ["AF302"]


def test_a_wrong_bar_is_told_at_the_data_statement() -> None:
    text = "strategy s {{ data perps bar 15m\n signal ts_mean(returns, {}) }}"
    assert compiled(text.format("1h")).warmup_bars == 1 + 3
    assert codes(text.format("20m")) == ["AF204"]


def test_a_run_is_named_by_strategy_data_and_engine() -> None:
    def named(**changes: object) -> str:
        facts: dict[str, object] = {
            "dataset_snapshot": "snap_1",
            "engine_version": "e1",
            "window": Window(date(2025, 1, 1), date(2025, 2, 1)),
            "bar_seconds": 3600,
        }
        return run_fingerprint("str_1", **{**facts, **changes})  # type: ignore[arg-type]

    names = [
        named(),
        named(dataset_snapshot="snap_2"),
        named(engine_version="e2"),
        named(window=None),
        named(bar_seconds=60),
    ]
    assert len(set(names)) == len(names)
    assert named() == named()


@pytest.mark.parametrize(
    ("text", "is_same"),
    [
        ("rank(ts_mean(returns, 48h))", True),
        ("rank(3 * ts_mean(returns, 24h) + 1)", True),
        ("2 * rank(rank(ts_mean(returns, 24h)) - 0.5)", True),
        ("ts_mean(returns, 24h)", True),
        ("zscore(ts_mean(returns, 24h) / 7)", True),
        ("rank(-ts_mean(returns, 24h))", False),
        ("rank(ts_mean(funding_rate, 24h))", False),
        ("rank(ts_sum(returns, 24h))", True),
        ("rank(7 / ts_mean(returns, 24h))", False),
        ("rank(abs(ts_mean(returns, 24h)))", False),
    ],
)
def test_a_family_is_blind_to_windows_numbers_and_scale(text: str, *, is_same: bool) -> None:
    first = compiled("rank(ts_mean(returns, 24h))").family_fingerprint
    assert first.startswith("fam_")
    assert (compiled(text).family_fingerprint == first) == is_same
    assert compile_text("clse", CATALOGUE).family_fingerprint == ""


@pytest.mark.parametrize(
    "text",
    [
        "0 == 3 ? returns : exp(2)",
        "delay(1 ? log(3) : close, 1)",
        "1 ? 2 : close",
        "1 ? ceil(0.5) : close",
    ],
)
def test_a_formula_whose_fields_fall_away_is_the_same_for_all(text: str) -> None:
    compilation = compile_text(text, CATALOGUE)
    assert [item.code for item in compilation.diagnostics] == ["AF235"]
    assert not compilation.is_ok
