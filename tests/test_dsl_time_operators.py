"""What the language says of the time operators: kinds, units, ranges, names and reach."""

import pytest

from alphaforge.core.diagnostics import Severity
from alphaforge.dsl import compile_text
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.compile import Compilation

CATALOGUE = Catalogue.builtin()


def compiled(text: str) -> Compilation:
    return compile_text(text, CATALOGUE)


def codes(text: str) -> list[str]:
    return [item.code for item in compiled(text).diagnostics if item.severity is not Severity.NOTE]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("trade_when(close, returns, 0)", "AF215"),
        ("trade_when(close > open, returns, close)", "AF215"),
        ("trade_when(2, returns, 0)", "AF215"),
        ("kth_element(returns, 3, 4)", "AF216"),
        ("kth_element(returns, 3, 0)", "AF219"),
        ("ts_kurt(returns, 3)", "AF219"),
        ("ts_skew(returns, 2)", "AF219"),
        ("decay_exp(returns, 24, 1.5)", "AF219"),
        ("hump(returns, -1)", "AF219"),
        ("ema(returns, 0)", "AF201"),
        ("resample(returns, close)", "AF202"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "trade_when(close > open, returns, 0)",
        "trade_when(1, returns, close < open)",
        "hump(rank(returns))",
        "decay_exp(returns, 24)",
        "resample(returns, 24h)",
        "rank(ts_slope_resid(close, 24) / ts_mad(close, 24))",
        "rank(ts_var(close, 24) / (close * close))",
        "rank(ts_beta(close, open, 24))",
        "rank(trade_when(close > open, returns, returns < 0))",
        "rank(ema(close, 12) / ema(close, 26))",
    ],
)
def test_good_texts_are_taken_without_a_warning(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "rank(ts_var(close, 24))",
        "rank(ts_var(close, 24) / close)",
        "rank(ts_alpha(close, returns, 24))",
        "rank(trade_when(close > open, close, returns < 0))",
        "rank(resample(volume, 24))",
    ],
)
def test_values_in_the_units_of_an_instrument_are_not_compared_unwarned(text: str) -> None:
    assert codes(text) == ["AF302"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("beta(returns, rank(volume), 24)", "ts_beta(returns, rank(volume), 24)"),
        ("residual(returns, rank(volume), 24)", "ts_residual(returns, rank(volume), 24)"),
        ("days_from_last_change(close)", "bars_since_change(close)"),
        ("ts_r2(returns, rank(volume), 24)", "ts_r2(rank(volume), returns, 24)"),
        ("resample(returns, 24)", 'resample(returns, 24h, how="last")'),
        ("decay_exp(returns, 24)", "decay_exp(returns, 1d, 50%)"),
    ],
)
def test_one_meaning_has_one_name(one: str, other: str) -> None:
    assert compiled(one).require()
    assert compiled(one).fingerprint == compiled(other).fingerprint


def test_warm_up_counts_what_a_state_needs_and_reach_has_no_end() -> None:
    made = compiled("ts_mean(ema(returns, 12), 24)")
    assert (made.warmup_bars, made.has_unbounded_reach) == (1 + 11 + 23, True)
    assert compiled("ts_step(close)").warmup_bars == 0
    made = compiled("resample(returns, 24)")
    assert (made.warmup_bars, made.has_unbounded_reach) == (1 + 2 * 24 - 2, False)
