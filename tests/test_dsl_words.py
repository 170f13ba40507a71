"""Arguments that are one of a few words."""

import pytest

from alphaforge.dsl import compile_text
from alphaforge.tests.golden_pairs import Pair, check, pairs
from alphaforge.tests.test_dsl_golden import fixed, told
from alphaforge.tests.trees import CATALOGUE

FAULTS = pairs("dsl_words_faults.txt")


def test_golden_faults_of_words_are_told_as_reviewed() -> None:
    check("dsl_words_faults.txt", told)


@pytest.mark.parametrize("pair", FAULTS[2:4], ids=lambda pair: pair.title)
def test_a_missing_quote_is_mended_by_its_fix(pair: Pair) -> None:
    assert compile_text(fixed(pair.text), CATALOGUE).is_ok


def test_a_word_may_come_from_a_let_and_its_default_is_left_out() -> None:
    text = 'strategy s {{ let shape = "{}"\n signal quantile(returns, driver=shape) }}'
    found = [compile_text(text.format(word), CATALOGUE) for word in ("gaussian", "cauchy")]
    assert found[0].canonical == "quantile(returns(close))"
    assert found[1].canonical == 'quantile(returns(close), driver="cauchy")'
    assert compile_text(text.format("other"), CATALOGUE).diagnostics[0].code == "AF295"
