"""No text makes the compiler raise: soups of its own words, and wholes with pieces torn out."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from alphaforge.core.diagnostics import render_all
from alphaforge.dsl import compile_text, expression_text
from alphaforge.dsl.nodes import Node
from alphaforge.dsl.strategy import Strategy, strategy_text
from alphaforge.tests.trees import CATALOGUE, formulas, strategies, tries

SOUP = """
strategy { } ( ) , ; = == != < <= > >= + - * / ^ ? : |> || && and or not .. ** // [ ] ! $ % ' " #
signal let factor universe top by min_history portfolio long_short top_k weights quantile gross
max_weight rebalance every delay costs taker slippage funding on off backtest risk max_drawdown
data bar doc use close open volume returns rank ts_mean delay if_else bucket neutralize add neg
quantile "gaussian" driver ts_av_diff clamp group_backfill jump_decay sensitivity group_rank fill
a b c x 0 1 -1 24 0.5 1e-9 1e400 24h 7d 90m 20% 5bp 2025-05-01 2025-02-30 1.2.3 bars limit
"""
WORDS = [*SOUP.split(), "\n"]
PIECE = re.compile(r"\s+|\w+|[^\w\s]")


def assert_answered(text: str) -> None:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.is_ok or compilation.diagnostics
    assert compilation.is_ok == bool(compilation.fingerprint)
    for item in compilation.diagnostics:
        assert item.span is not None
        assert 0 <= item.span.start <= item.span.end <= len(text)
    render_all(compilation.diagnostics, text)


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@tries(250)
@example("strategy")
@example("strategy s { signal rank(")
@example("strategy s { let a = a; signal a }")
@example("- - close")
def test_a_soup_of_words_is_answered(text: str) -> None:
    assert_answered(text)
    assert_answered(f"strategy s {{\n{text}\nsignal returns\n}}")


@given(st.text(max_size=60))
@tries(150)
def test_any_text_is_answered(text: str) -> None:
    assert_answered(text)


@given(strategies().map(strategy_text) | formulas().map(expression_text), st.data())
@tries(150)
def test_a_text_with_pieces_torn_out_is_answered(text: str, data: st.DataObject) -> None:
    pieces = PIECE.findall(text)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at] = data.draw(st.sampled_from(["", *WORDS]))
    assert_answered("".join(pieces))


@given(formulas(2))
@tries(30)
def test_a_formula_in_a_file_is_the_formula_alone(formula: Node) -> None:
    text = expression_text(formula)
    bare = compile_text(text, CATALOGUE)
    file = compile_text(f"strategy s {{\n  let part = {text}\n  signal part\n}}", CATALOGUE)
    assert file.signal_fingerprint == bare.signal_fingerprint
    assert isinstance(bare.strategy, Strategy) == bare.is_ok
