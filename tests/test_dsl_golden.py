"""Texts and what the compiler says of them, word by word; the files are reviewed like code."""

from itertools import pairwise

import pytest

from alphaforge.core.diagnostics import Diagnostic, Severity, render_all
from alphaforge.dsl import compile_text
from alphaforge.tests.golden_pairs import Pair, check, pairs
from alphaforge.tests.trees import CATALOGUE

FAULTS = pairs("dsl_faults.txt")
CANONICAL = pairs("dsl_canonical.txt")


def errors_in(text: str) -> list[Diagnostic]:
    found = compile_text(text, CATALOGUE).diagnostics
    return [item for item in found if item.severity is Severity.ERROR]


def told(text: str) -> str:
    compilation = compile_text(text, CATALOGUE)
    return render_all(compilation.diagnostics, text)


def canonical(text: str) -> str:
    compilation = compile_text(text, CATALOGUE)
    return render_all(errors_in(text), text) or compilation.canonical


def test_golden_faults_are_told_as_reviewed() -> None:
    check("dsl_faults.txt", told)


def test_golden_canonical_forms_are_as_reviewed() -> None:
    check("dsl_canonical.txt", canonical)


def named(text: str) -> str:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.is_ok, (text, compilation.diagnostics)
    return f"{compilation.signal_fingerprint}\n{compilation.strategy_fingerprint}"


def test_D10_golden_fingerprints_never_change() -> None:
    # They may only change together with `VERSION` in dsl/fingerprint.py: memory knows them.
    check("dsl_fingerprints.txt", named)


@pytest.mark.parametrize("pair", CANONICAL, ids=lambda pair: pair.title[:40])
def test_canonical_forms_compile_to_the_same_meaning(pair: Pair) -> None:
    first, second = compile_text(pair.text, CATALOGUE), compile_text(pair.expected, CATALOGUE)
    assert second.canonical == pair.expected
    assert second.fingerprint == first.fingerprint != ""


@pytest.mark.parametrize("pair", FAULTS, ids=lambda pair: pair.title[:40])
def test_each_finding_has_code_place_message_and_a_way_out(pair: Pair) -> None:
    found = compile_text(pair.text, CATALOGUE).diagnostics
    assert found
    for item in found:
        assert item.span is not None
        assert 0 <= item.span.start <= item.span.end <= len(pair.text)
        assert item.help
        assert item.message[0] in "`U+" or item.message[0].islower() or item.message[0].isdigit()
        assert not item.message.endswith(".")
        assert len(item.message) < 300


def fixed(text: str) -> str:
    """Apply the fixes a text's findings offer, last first so that places stay right."""
    fixes = [item.fix for item in compile_text(text, CATALOGUE).diagnostics if item.fix]
    for fix in sorted(fixes, key=lambda fix: fix.span, reverse=True):
        text = text[: fix.span.start] + fix.text + text[fix.span.end :]
    return text


@pytest.mark.parametrize("pair", FAULTS, ids=lambda pair: pair.title[:40])
def test_fixes_do_not_touch_each_other(pair: Pair) -> None:
    found = compile_text(pair.text, CATALOGUE).diagnostics
    spans = sorted(item.fix.span for item in found if item.fix)
    assert all(first.end <= second.start for first, second in pairwise(spans))


MENDED = [
    pair
    for pair in FAULTS
    if all(item.fix for item in errors_in(pair.text)) and errors_in(pair.text)
]


@pytest.mark.parametrize("pair", MENDED, ids=lambda pair: pair.title[:40])
def test_a_text_whose_errors_all_have_fixes_compiles_once_they_are_applied(pair: Pair) -> None:
    assert errors_in(fixed(pair.text)) == []


def test_most_mistakes_of_one_word_or_mark_are_mended_mechanically() -> None:
    assert len(FAULTS) >= 230
    assert len(MENDED) >= 65


@pytest.mark.parametrize("pair", FAULTS, ids=lambda pair: pair.title[:40])
def test_a_fix_applied_mechanically_mends_its_fault(pair: Pair) -> None:
    before = compile_text(pair.text, CATALOGUE).diagnostics
    offered = {(item.code, item.message) for item in before if item.fix is not None}
    after = {
        (item.code, item.message) for item in compile_text(fixed(pair.text), CATALOGUE).diagnostics
    }
    assert not offered & after


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("rank(close)", "rank((close / ts_mean(close, 24)))"),
        ("returns + close", "returns + (close / ts_mean(close, 24))"),
        ("close > 100 ? returns : 0", "(close / ts_mean(close, 24)) > 100 ? returns : 0"),
        ("zscore(reverse(volume))", ""),
        ("rank(close + volume)", ""),
    ],
)
def test_a_field_in_its_own_units_is_mended_by_a_ratio(text: str, better: str) -> None:
    assert fixed(text) == (better or text)
    assert compile_text(text, CATALOGUE).diagnostics
    if better:
        assert compile_text(better, CATALOGUE).diagnostics == ()
