"""What is printed reads back as what it was: formulas word by word, strategies by meaning."""

from hypothesis import given

from alphaforge.core.diagnostics import Severity
from alphaforge.dsl import compile_text, expression_text
from alphaforge.dsl.nodes import Node
from alphaforge.dsl.strategy import Strategy, strategy_text
from alphaforge.tests.trees import CATALOGUE, as_written, formulas, strategies, tries


@given(formulas())
@tries(150)
def test_a_printed_formula_reads_back_as_the_same_tree(formula: Node) -> None:
    text = expression_text(formula)
    strategy, found = as_written(text)
    assert strategy is not None, (text, found)
    assert strategy.signal == formula, text


@given(formulas())
@tries(100)
def test_durations_read_back_as_the_bars_they_were_printed_for(formula: Node) -> None:
    text = expression_text(formula, bar_seconds=900)
    strategy, found = as_written(text, bar_seconds=900)
    assert strategy is not None, (text, found)
    assert strategy.signal == formula, text


@given(strategies())
@tries(100)
def test_a_printed_strategy_reads_back_as_the_same_strategy(strategy: Strategy) -> None:
    text = strategy_text(strategy)
    again, found = as_written(text)
    assert again == strategy, (text, found)


@given(strategies())
@tries(60)
def test_a_printed_strategy_keeps_its_fingerprints(strategy: Strategy) -> None:
    first = compile_text(strategy_text(strategy), CATALOGUE)
    second = compile_text(strategy_text(first.require()), CATALOGUE)
    assert second.strategy_fingerprint == first.strategy_fingerprint
    assert second.signal_fingerprint == first.signal_fingerprint


@given(formulas())
@tries(100)
def test_a_canonical_form_compiles_to_itself(formula: Node) -> None:
    first = compile_text(expression_text(formula), CATALOGUE)
    if any(item.severity is Severity.ERROR for item in first.diagnostics):
        # All the constants met, and the field went with them.
        assert [item.code for item in first.diagnostics if item.code != "AF301"] == ["AF235"]
        return
    second = compile_text(first.canonical, CATALOGUE)
    assert second.canonical == first.canonical
    assert second.signal_fingerprint == first.signal_fingerprint
