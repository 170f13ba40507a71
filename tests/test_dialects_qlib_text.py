"""What is printed in Qlib reads back as what it was; what Qlib cannot say is named."""

from collections.abc import Callable
from typing import cast

from hypothesis import assume, given
from hypothesis import strategies as st

from alphaforge.core.diagnostics import Severity
from alphaforge.dsl import compile_text, expression_text
from alphaforge.dsl.dialects.out import print_as
from alphaforge.dsl.nodes import Constant, Field, Node
from alphaforge.dsl.shape import shape_of
from alphaforge.tests.trees import CATALOGUE, has_field, tries

PRICES = ("open", "high", "low", "close", "volume", "vwap", "funding_rate")
WINDOWS = [
    *("ts_mean", "ts_sum", "ts_std", "ts_var", "ts_max", "ts_min", "ts_median", "ts_mad"),
    *("ts_rank", "ts_count_finite", "ts_argmax_pos", "ts_argmin_pos", "ts_slope", "ts_slope_r2"),
    *("ts_slope_resid", "delay", "delta", "ema", "decay_linear", "ts_skew", "ts_kurt"),
]
PAIRS = ["ts_corr", "ts_cov"]
MANY = ["add", "mul", "max", "min"]
COMPARED = ["lt", "le", "gt", "ge", "eq", "ne"]
NUMBERS = (0.0, 1.0, 2.0, -1.0, 0.5, -0.25, 1e-12, 1e16)


def made(name: str, *inputs: object, **parameters: object) -> Node:
    """Make a node; mypy does not know that operators take arguments."""
    return cast("Callable[..., Node]", CATALOGUE.operators[name])(*inputs, **parameters)


@st.composite
def numeric(draw: st.DrawFn, depth: int) -> Node:
    """Grow a formula of what Qlib can say."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        field = Field(draw(st.sampled_from(PRICES)))
        is_return = draw(st.integers(0, 4)) == 0
        return made("returns", field, bars=draw(st.integers(1, 9))) if is_return else field
    name = draw(st.sampled_from([*WINDOWS, *PAIRS, *MANY, "div", "pow", "neg", "abs", "if_else"]))
    inner = numeric(depth - 1)
    number = st.sampled_from(NUMBERS).map(Constant)
    bars = {"bars": draw(st.integers(5, 40))}
    if name in WINDOWS:
        return made(name, draw(inner), **bars)
    if name in PAIRS:
        return made(name, draw(inner), draw(inner), **bars)
    if name in MANY:
        terms = draw(st.lists(st.one_of(inner, number), min_size=1, max_size=3))
        return made(name, (draw(inner), *terms))
    if name == "if_else":
        return made(name, draw(truth(depth - 1)), draw(inner), draw(st.one_of(inner, number)))
    inputs = [draw(inner) for _ in shape_of(CATALOGUE.operators[name]).inputs]
    return made(name, *inputs)


@st.composite
def truth(draw: st.DrawFn, depth: int) -> Node:
    """Grow a condition."""
    if depth == 0 or draw(st.booleans()):
        name = draw(st.sampled_from(COMPARED))
        return made(name, draw(numeric(max(0, depth - 1))), draw(numeric(0)))
    name = draw(st.sampled_from(["and_", "or_", "not_"]))
    if name == "not_":
        return made(name, draw(truth(depth - 1)))
    return made(name, tuple(draw(st.lists(truth(depth - 1), min_size=2, max_size=3))))


@given(numeric(3).filter(has_field))
@tries(200)
def test_what_is_printed_in_qlib_reads_back_with_the_same_fingerprint(formula: Node) -> None:
    first = compile_text(expression_text(formula), CATALOGUE)
    assume(first.is_ok)
    printed = print_as(first, "qlib", CATALOGUE)
    assert printed.text, (first.canonical, printed.diagnostics)
    assert "AF361" not in {item.code for item in printed.diagnostics}
    again = compile_text(printed.text, CATALOGUE, dialect="qlib")
    assert again.fingerprint == first.fingerprint, (first.canonical, printed.text, again.canonical)


def refusals(text: str) -> set[tuple[str, str]]:
    printed = print_as(compile_text(text, CATALOGUE), "qlib", CATALOGUE)
    errors = [item for item in printed.diagnostics if item.severity is Severity.ERROR]
    assert bool(printed.text) == (not errors)
    return {(item.code, item.message) for item in errors}


def test_each_part_that_qlib_cannot_say_is_named_once() -> None:
    text = "rank(close) + rank(open) + zscore(ts_mean(close, 5)) + neutralize(returns, sector)"
    assert refusals(text) == {
        ("AF256", "`rank` cannot be said in Qlib"),
        ("AF256", "`zscore` cannot be said in Qlib"),
        ("AF256", "`neutralize` cannot be said in Qlib"),
        ("AF257", "the field `sector` cannot be said in Qlib"),
    }


def test_a_relaxed_window_cannot_be_said() -> None:
    text = "ts_mean(close, 5, min_periods=2) / close"
    assert refusals(text) == {("AF256", "`min_periods` of `ts_mean` cannot be said in Qlib")}


def test_a_text_that_grows_too_long_is_refused() -> None:
    nested = "close"
    for _ in range(14):
        nested = f"returns({nested})"
    assert ("AF256", "the formula is too long in Qlib") in refusals(nested)


def test_returns_of_a_sum_with_a_number_are_printed_with_a_note() -> None:
    first = compile_text("returns(open + 1, 5)", CATALOGUE)
    printed = print_as(first, "qlib", CATALOGUE)
    assert printed.text == "(($open + 1) - Ref(($open + 1), 5)) / Ref(($open + 1), 5)"
    assert [item.code for item in printed.diagnostics] == ["AF361"]


def test_a_column_that_qlib_may_lack_is_noted_and_printed() -> None:
    first = compile_text("ts_mean(funding_rate, 24)", CATALOGUE)
    printed = print_as(first, "qlib", CATALOGUE)
    assert printed.text == "Mean($funding_rate, 24)"
    assert [item.code for item in printed.diagnostics] == ["AF358"]


def test_of_a_strategy_the_signal_is_printed_and_the_rest_is_noted() -> None:
    first = compile_text("strategy s {\n  signal delta(close, 3) / close\n}", CATALOGUE)
    printed = print_as(first, "qlib", CATALOGUE)
    assert printed.text == "Delta($close, 3) / $close"
    assert [item.code for item in printed.diagnostics] == ["AF359"]
    whole = print_as(first, "af", CATALOGUE).text
    assert compile_text(whole, CATALOGUE).fingerprint == first.fingerprint
