"""D1, D2 in the dialects: whatever the text, the answer is bounded, placed, and soon there."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphaforge.core.diagnostics import render_all
from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl import compile_text, limits
from alphaforge.dsl.dialects import NAMES
from alphaforge.tests.golden_pairs import pairs
from alphaforge.tests.trees import CATALOGUE, tries

OTHERS = NAMES[1:]
HOSTILE = {
    "a name of 1 MB": ("a" * 1_000_000, "AF120"),
    "a name of 60 kB": ("a" * 60_000, "AF128"),
    "20,000 short terms": ("+".join("x" * 20_000), "AF121"),
    "2,000 nested calls": ("abs(" * 2_000 + "close" + ")" * 2_000, "AF122"),
    "65 brackets": ("(" * 65 + "close" + ")" * 65, "AF122"),
    "a literal of 5,000 digits": ("close * " + "1" * 5_000, "AF125"),
    "a literal of 60,000 exponents": ("1" + "e+1" * 20_000, "AF125"),
    "5,000 signs": ("-" * 5_000 + "close", "AF127"),
    "3,000 quotients": ("/".join(["9"] * 3_000), "AF127"),
    "60,000 strange marks": ("@" * 60_000, "AF250"),
    "60,000 open brackets": ("(" * 60_000, "AF122"),
    "60,000 closing brackets": (")" * 60_000, "AF121"),
    "9,000 arguments": ("max(" + "1," * 9_000 + "1)", "AF121"),
    "60,000 zero bytes": ("\x00" * 60_000, "AF105"),
    "a direction mark": ("1 # \u202e evil", "AF105"),
    "lone surrogates": ("\ud800" * 1_000, "AF105"),
    "a letter that looks like another": ("rank(\u0441lose)", "AF105"),
}
OWN = {
    ("alpha101", "3,000 powers"): ("^".join(["close"] * 3_000), "AF127"),
    ("alpha101", "900 choices"): ("close > 1 ? 2 : " * 900 + "close", "AF127"),
    ("qlib", "3,000 powers"): ("**".join(["$close"] * 3_000), "AF127"),
    ("qlib", "a string of 300 characters"): (f"Mean('{'d' * 300}', 5)", "AF126"),
    ("brain", "300 names"): ("".join(f"a{at}=close;" for at in range(300)) + "a1", "AF124"),
    ("brain", "200 doublings"): (
        "a=returns;" + "a=a+a;" * 200 + "a",
        "AF123",
    ),
    ("brain", "60 ratios of themselves"): ("ts_ir(" * 60 + "returns" + ",5)" * 60, "AF123"),
    ("brain", "60,000 semicolons"): (";" * 60_000, "AF121"),
    ("brain", "an open comment"): ("/* " * 20_000, "AF107"),
}


@pytest.mark.timeout(10)  # Each takes well below half a second; the machine may be busy.
@pytest.mark.parametrize("dialect", OTHERS)
@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_D2_hostile_texts_of_every_dialect_get_a_bounded_answer(
    dialect: str, text: str, code: str
) -> None:
    assert_bounded(text, dialect, code)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("key", "given_text"), OWN.items(), ids=[f"{dialect} {name}" for dialect, name in OWN]
)
def test_D2_hostile_texts_of_one_dialect_get_a_bounded_answer(
    key: tuple[str, str], given_text: tuple[str, str]
) -> None:
    text, code = given_text
    assert_bounded(text, key[0], code)


def test_D2_a_name_may_be_given_anew_as_often_as_tokens_allow() -> None:
    assert compile_text("a=returns;" * 2_400 + "rank(a)", CATALOGUE, dialect="brain").is_ok


def assert_bounded(text: str, dialect: str, code: str) -> None:
    made = compile_text(text, CATALOGUE, dialect=dialect)
    assert not made.is_ok
    assert code in {item.code for item in made.diagnostics}
    assert len(made.diagnostics) <= 2 * limits.DIAGNOSTICS_MAX + 1
    for item in made.diagnostics:
        assert len(item.message) <= 300
        assert item.span is not None
        assert item.span.end <= max(1, len(text))
    assert len(render_all(made.diagnostics, text)) <= 40_000


@pytest.mark.parametrize("dialect", OTHERS)
def test_D2_what_is_within_the_limits_compiles(dialect: str) -> None:
    close = "$close" if dialect == "qlib" else "close"
    size = "Abs" if dialect == "qlib" else "abs"
    for text in (
        f"{size}(" * 64 + close + ")" * 64,
        "(" * 64 + f"{close} / {close}" + ")" * 64,
        "+".join([close] * 900),
        "/".join([close] * 127),
    ):
        assert compile_text(text, CATALOGUE, dialect=dialect).is_ok, text[:40]


def test_a_dialect_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInputError, match="there is no dialect `cobol`"):
        compile_text("close", CATALOGUE, dialect="cobol")


TEXTS = [(name, pair.text) for name in OTHERS for pair in pairs(f"dsl_dialects_{name}.txt")]
PIECE = re.compile(r"\s+|\w+|[^\w\s]")
SOUP = """
( ) , ; = == != < <= > >= + - * ** / // ^ ? : |> || && | & ~ ! $ $$ . ' " # /* */ %
close $close volume rank Mean Ref WMA EMA min max adv20 IndClass.sector a b true d=5 24h
0 1 -1 5 0.5 2. .1 1e400 bucket range= scale ts_regression rettype=9 -5
"""
WORDS = [*SOUP.split(), "\n"]


@given(st.sampled_from(TEXTS), st.data())
@tries(300)
def test_a_text_with_pieces_torn_out_is_answered(
    known: tuple[str, str], data: st.DataObject
) -> None:
    dialect, text = known
    pieces = PIECE.findall(text)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at] = data.draw(st.sampled_from(["", *WORDS]))
    assert_answered("".join(pieces), dialect)


@given(st.sampled_from(OTHERS), st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
@tries(300)
def test_a_soup_of_words_is_answered(dialect: str, text: str) -> None:
    assert_answered(text, dialect)


def assert_answered(text: str, dialect: str) -> None:
    made = compile_text(text, CATALOGUE, dialect=dialect)
    assert made.is_ok or made.diagnostics
    assert made.is_ok == bool(made.fingerprint)
    for item in made.diagnostics:
        assert item.span is not None
        assert 0 <= item.span.start <= item.span.end <= max(1, len(text))
    render_all(made.diagnostics, text)
    if made.is_ok:
        assert compile_text(made.canonical, CATALOGUE).fingerprint == made.fingerprint
