"""Mistakes told by example: each example ends at its own mistake, and no two share a place."""

import pytest

from alphaforge.core.diagnostics import Diagnostic, Severity
from alphaforge.dsl import compile_text
from alphaforge.dsl.syntax_examples import EXAMPLES
from alphaforge.tests.trees import CATALOGUE

SAID = {
    "index": "`[`",
    "list": "`[` starts no value: there are no lists",
    "plus sign": "`+` is no sign of a value",
    "argument with a colon": "`:` gives no argument",
    "second value": "`,`",
    "end mark": "`;` ends no formula",
    "statement with a sign": "stands before a formula",
    "definition with a colon": "`:` defines nothing",
    "definition without a sign": "the definition lacks its `=`",
    "comment of C": "`/` starts no value",
    "pipe from nowhere": "nothing goes into the pipe",
    "glued string": "a string follows a value",
}
CASES = [(label, text) for label, texts in EXAMPLES.items() for text in texts]


def first_error(text: str) -> Diagnostic:
    closed = text + ")" * (text.count("(") - text.count(")"))
    if text.startswith("let "):
        closed = f"strategy s {{\n{closed}\nsignal returns\n}}"
    found = compile_text(closed, CATALOGUE).diagnostics
    return next(item for item in found if item.severity is Severity.ERROR)


def test_every_label_has_a_message() -> None:
    assert set(SAID) == set(EXAMPLES)


@pytest.mark.parametrize(("label", "text"), CASES, ids=[text for _, text in CASES])
def test_an_example_is_told_as_its_mistake(label: str, text: str) -> None:
    said = first_error(text).message
    # Marks and words of other languages are told by their own names, wherever they stand.
    assert SAID[label] in said or "is not an operator" in said, said


@pytest.mark.parametrize("around", ["{}", "rank({})", "1 + rank(abs({}))", "-({})"])
def test_a_mistake_is_known_at_any_depth(around: str) -> None:
    said = first_error(around.format("close[1]"))
    assert said.message == "`[` does not reach back"
    assert said.fix is not None
    assert said.fix.text == "delay(close, 1)"


def test_the_arguments_of_a_foreign_operator_are_judged_too() -> None:
    found = compile_text("shift(close, -1)", CATALOGUE).diagnostics
    assert [item.code for item in found[:2]] == ["AF103", "AF201"]
