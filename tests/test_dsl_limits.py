"""D2, D9: whatever the text, the answer is bounded, placed, soon there, and no trace."""

import copy
import pickle

import pytest

from alphaforge.core.diagnostics import render_all
from alphaforge.dsl import compile_text, expression_text, limits
from alphaforge.dsl.nodes import walk
from alphaforge.tests.trees import CATALOGUE

ANSWER_CHARS_MAX = 40_000


def lets(count: int, body: str, signal: str) -> str:
    lines = "".join(
        f"  let a{at} = {body.format(before=at - 1, after=at + 1)}\n" for at in range(1, count)
    )
    return (
        f"strategy s {{\n  let a0 = returns\n  let a{count} = returns\n{lines}  signal {signal}\n}}"
    )


HOSTILE = {
    "a name of 1 MB": ("a" * 1_000_000, "AF120"),
    "a name of 60 kB": ("a" * 60_000, "AF128"),
    "20,000 terms": ("+".join(["close"] * 20_000), "AF120"),
    "20,000 short terms": ("+".join("x" * 20_000), "AF121"),
    "4,900 terms": ("+".join(["close"] * 4_900), "AF123"),
    "2,000 nested calls": ("abs(" * 2_000 + "close" + ")" * 2_000, "AF122"),
    "65 nested calls": ("abs(" * 65 + "close" + ")" * 65, "AF122"),
    "a literal of 5,000 digits": ("close * " + "1" * 5_000, "AF125"),
    "a literal of 60,000 exponents": ("1" + "e+1" * 20_000, "AF125"),
    "5,000 signs": ("-" * 5_000 + "close", "AF127"),
    "3,000 negations": ("not " * 3_000 + "close", "AF127"),
    "3,000 powers": ("^".join(["close"] * 3_000), "AF127"),
    "3,000 quotients": ("/".join(["close"] * 3_000), "AF127"),
    "900 choices": ("close > 1 ? 2 : " * 900 + "close", "AF127"),
    "3,000 pipes": ("close" + " |> abs" * 3_000, "AF127"),
    "a chain of 250 lets": (lets(250, "a{after} + 1", "a1"), "AF127"),
    "200 doublings": (lets(200, "a{before} + a{before}", "a199"), "AF123"),
    "300 lets": (lets(300, "returns + 1", "a1"), "AF124"),
    "60,000 strange marks": ("@" * 60_000, "AF105"),
    "60,000 quotes": ('"' * 60_000, "AF121"),
    "30,000 strings of one letter": ('"\u00e9"' * 15_000, "AF121"),
    "60,000 open brackets": ("(" * 60_000, "AF122"),
    "60,000 closing brackets": (")" * 60_000, "AF121"),
    "20,000 braces": ("strategy s {" + "\n{" * 20_000, "AF121"),
    "60,000 semicolons": ("strategy s {" + ";" * 60_000 + "}", "AF121"),
    "4,000 signals": ("strategy s {\n" + "signal returns\n" * 4_000 + "}", "AF113"),
    "4,000 misspelt statements": ("strategy s {\n" + "sginal returns\n" * 4_000 + "}", "AF110"),
    "4,000 huge factors": ("1e300" + "*1e300" * 4_000, "AF123"),
    "a window of huge factors": ("ts_mean(close, 1e300" + "*1e300" * 900 + ")", "AF202"),
    "a window of a tiny quotient": ("ts_mean(close, 1e-300" + "/1e300" * 100 + ")", "AF202"),
    "9,000 arguments": ("max(" + "close," * 9_000 + "close)", "AF121"),
    "60,000 zero bytes": ("\x00" * 60_000, "AF105"),
    "lone surrogates": ("\ud800" * 1_000, "AF105"),
    "a string of 300 characters": (
        f'strategy s {{\n doc "{"d" * 300}"\n signal returns\n}}',
        "AF126",
    ),
    "a direction mark": ("close # \u202e evil", "AF105"),
    "a direction mark in a string": ('strategy s {\n doc "a\u202eb"\n signal returns\n}', "AF105"),
    "a zero-width joiner": ("clo\u200dse", "AF105"),
    "an escape for terminals": ("close \x1b[2J", "AF105"),
    "a lone carriage return": ("close\rvolume", "AF105"),
    "a letter that looks like another": ("rank(\u0441lose)", "AF105"),
}


@pytest.mark.timeout(10)  # Each takes well below half a second; the machine may be busy.
@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_D2_hostile_texts_get_a_bounded_answer(text: str, code: str) -> None:
    compilation = compile_text(text, CATALOGUE)
    assert not compilation.is_ok
    assert code in {item.code for item in compilation.diagnostics}
    assert len(compilation.diagnostics) <= 2 * limits.DIAGNOSTICS_MAX + 1
    for item in compilation.diagnostics:
        assert len(item.message) <= 300
        assert item.span is not None
        assert item.span.end <= len(text)
    shown = render_all(compilation.diagnostics, text)
    assert len(shown) <= ANSWER_CHARS_MAX
    assert shown.isascii()
    assert all(character == "\n" or character.isprintable() for character in shown)


AT_THE_LIMIT = {
    "64 nested calls": "abs(" * 64 + "returns" + ")" * 64,
    "a wide sum": "+".join(["returns"] * 900),
    "126 quotients": "/".join(["close"] * 127),
    "126 pipes": "close" + " |> abs" * 125,
    "255 lets": lets(254, "returns + {before}", "a1"),
    "a string of 256 characters": f'strategy s {{\n doc "{"d" * 256}"\n signal returns\n}}',
    "a literal of 32 digits": "returns * 1.2345678901234567890123456789012",
    "a name of 64 letters": f"strategy s {{\n let {'a' * 64} = returns\n signal {'a' * 64}\n}}",
    "a window of all bars": "ts_mean(returns, 100000)",
}


@pytest.mark.parametrize("text", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT.keys())
def test_D2_what_is_within_the_limits_compiles(text: str) -> None:
    assert compile_text(text, CATALOGUE).diagnostics == () or compile_text(text, CATALOGUE).is_ok


def test_D2_the_deepest_formula_can_be_walked_copied_and_compared() -> None:
    text = "/".join(["close"] * 127)
    signal = compile_text(text, CATALOGUE).require().signal
    twin = copy.deepcopy(signal)
    assert twin == signal
    assert hash(twin) == hash(signal)
    assert pickle.loads(pickle.dumps(signal)) == signal
    assert repr(twin) == repr(signal)
    assert sum(1 for _ in walk(signal)) == 253
    assert compile_text(expression_text(signal), CATALOGUE).canonical == expression_text(signal)


def test_D9_an_error_is_told_however_many_warnings_there_are() -> None:
    text = " + ".join(["rank(close)"] * 200) + " + rank(clse)"
    found = compile_text(text, CATALOGUE).diagnostics
    assert "AF102" in {item.code for item in found}
    assert found[-1].code == "AF129"


@pytest.mark.parametrize(
    "text", ["close\r\n+ open\r\n", "close\n\t+\topen", "close # a\r\n + open"]
)
def test_line_ends_and_tabs_are_white_space(text: str) -> None:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.canonical == "close + open"
