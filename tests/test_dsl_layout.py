"""Formatting changes white space and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphaforge.dsl import compile_text
from alphaforge.dsl.faults import Faults
from alphaforge.dsl.layout import format_text
from alphaforge.dsl.lexer import tokenize
from alphaforge.dsl.strategy import Strategy, strategy_text
from alphaforge.tests.golden_pairs import check, pairs
from alphaforge.tests.helpers import REPO
from alphaforge.tests.trees import CATALOGUE, as_written, strategies, tries

EXAMPLES = sorted((REPO / "examples").glob("*.af"))
WRONG = [pair.text for pair in pairs("dsl_faults.txt")]


def test_golden_layouts_are_as_reviewed() -> None:
    check("dsl_layout.txt", lambda text: format_text(text).rstrip("\n"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_keep_their_words_and_comments(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    laid_out = format_text(text)
    assert words(laid_out) == words(text)
    assert laid_out.count("#") == text.count("#")
    assert format_text(laid_out) == laid_out


def words(text: str) -> list[str]:
    return [token.text for token in tokenize(text, Faults())]


@given(strategies())
@tries(60)
def test_a_layout_says_the_same_and_is_its_own_layout(strategy: Strategy) -> None:
    text = strategy_text(strategy)
    laid_out = format_text(text)
    assert as_written(laid_out)[0] == strategy
    assert format_text(laid_out) == laid_out


@given(strategies(), st.integers(0, 2**16))
@tries(60)
def test_comments_and_line_ends_in_any_place_do_no_harm(strategy: Strategy, seed: int) -> None:
    rows = strategy_text(strategy).splitlines()
    noisy = "\n".join(
        f"{row}  # note {at}\n\n# alone {at}" if (seed >> at % 16) & 1 else row
        for at, row in enumerate(rows)
    )
    laid_out = format_text(noisy)
    assert as_written(laid_out)[0] == strategy
    assert laid_out.count("#") == noisy.count("#")
    assert format_text(laid_out) == laid_out


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_text_stays_wrong_in_the_same_way(text: str) -> None:
    before = compile_text(text, CATALOGUE).diagnostics
    after = compile_text(format_text(text), CATALOGUE).diagnostics
    assert [item.code for item in after] == [item.code for item in before]


@pytest.mark.parametrize(
    "text",
    [
        "strategy s {\n  signal; returns\n}",
        "strategy s {\n  let x = 1 ; = returns\n  signal x\n}",
        "strategy s {\n  let x = 1 + ; signal x\n}",
        "strategy s {\n  signal returns + # why \n  volume\n}",
        "abs(returns = = volume)",
        "abs(returns < = volume)",
        'ts_mean(returns, "a # b")  # why \n',
        'strategy s data x\n universe all, only ["A \\"B\\"" { ]\n signal returns\n}',
    ],
)
def test_what_the_fuzzer_found_stays_mended(text: str) -> None:
    laid_out = format_text(text)
    assert format_text(laid_out) == laid_out
    assert words(laid_out) == words(text) or ";" in text
    assert compile_text(laid_out, CATALOGUE).is_ok == compile_text(text, CATALOGUE).is_ok


# When it fails, hypothesis takes its time to find the smallest text.
@pytest.mark.timeout(180)
@given(strategies(), st.data())
@tries(80)
def test_a_text_in_any_state_keeps_its_words_and_its_layout_is_stable(
    strategy: Strategy, data: st.DataObject
) -> None:
    text = strategy_text(strategy)
    junk = ["", "(", ")", "{", "}", ";", "# x", "\n", ",", "let ", "|> ", "- ", "1e", '"a"', " = "]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 9)))
        text = text[:at] + data.draw(st.sampled_from(junk)) + text[end:]
    laid_out = format_text(text)
    # A line end says what a semicolon says.
    assert [word for word in words(laid_out) if word != ";"] == [
        word for word in words(text) if word != ";"
    ]
    assert format_text(laid_out) == laid_out
    before, after = compile_text(text, CATALOGUE), compile_text(laid_out, CATALOGUE)
    assert after.fingerprint == before.fingerprint
    assert after.strategy_fingerprint == before.strategy_fingerprint


@pytest.mark.parametrize(
    "gap", ["strategy # why\ns {", "strategy s # why\n{", "strategy s { # why\n"]
)
def test_a_comment_before_the_brace_is_kept(gap: str) -> None:
    laid_out = format_text(f"{gap} signal close # because\n}}")
    assert laid_out.count("#") == 2
    assert format_text(laid_out) == laid_out
