"""Texts of other notations: what they mean, what is wrong in them, and that equals are equal."""

import pytest

from alphaforge.core.diagnostics import Severity, render_all
from alphaforge.dsl import Compilation, compile_text
from alphaforge.dsl.dialects import NAMES
from alphaforge.tests.golden_pairs import Pair, check, pairs
from alphaforge.tests.trees import CATALOGUE

SAME = "dsl_dialects_triples.txt"
FAULTS = "dsl_dialects_faults.txt"
CANONICAL = {name: f"dsl_dialects_{name}.txt" for name in NAMES[1:]}


def lines_of(text: str) -> dict[str, str]:
    """Return an entry's texts by dialect: one a line, or one over all lines behind its name."""
    found = (line.partition(": ") for line in text.splitlines())
    return {dialect: rest for dialect, _, rest in found}


def asked(text: str) -> tuple[str, str]:
    """Return the dialect on the first line, and the text below it."""
    dialect, _, rest = text.partition("\n")
    return dialect, rest


def compiled(text: str) -> Compilation:
    dialect, rest = asked(text)
    return compile_text(rest, CATALOGUE, dialect=dialect)


def one_meaning(text: str) -> str:
    lines = lines_of(text)
    assert len(lines) >= 3
    made = {name: compile_text(line, CATALOGUE, dialect=name) for name, line in lines.items()}
    for name, found in made.items():
        assert found.is_ok, f"{name}: {render_all(found.diagnostics, lines[name])}"
    canonical = {found.canonical for found in made.values()}
    assert len(canonical) == 1, canonical
    assert len({found.fingerprint for found in made.values()}) == 1
    return canonical.pop()


def test_golden_formulas_in_three_dialects_are_one_formula() -> None:
    assert len(pairs(SAME)) >= 40
    check(SAME, one_meaning)


@pytest.mark.parametrize("dialect", CANONICAL)
def test_golden_what_each_dialect_writes_means_what_was_reviewed(dialect: str) -> None:
    def meaning(text: str) -> str:
        made = compile_text(text, CATALOGUE, dialect=dialect)
        errors = [item for item in made.diagnostics if item.severity is Severity.ERROR]
        told = [f"{item.severity} {item.code}" for item in made.diagnostics]
        return render_all(errors, text) if errors else "\n".join([made.canonical, *told])

    check(CANONICAL[dialect], meaning)


def told(text: str) -> str:
    return render_all(compiled(text).diagnostics, asked(text)[1])


def test_golden_faults_of_dialects_are_told_as_reviewed() -> None:
    assert len(pairs(FAULTS)) >= 25
    check(FAULTS, told)


@pytest.mark.parametrize("pair", pairs(FAULTS), ids=lambda pair: pair.title[:40])
def test_each_finding_has_code_place_message_and_a_way_out(pair: Pair) -> None:
    found = compiled(pair.text).diagnostics
    assert found
    for item in found:
        assert item.span is not None
        assert 0 <= item.span.start <= item.span.end <= len(asked(pair.text)[1])
        assert item.help
        assert item.message[0] in "`U+" or item.message[0].islower()
        assert not item.message.endswith(".")


def fixed(text: str) -> str:
    """Apply the fixes that a text's findings offer, last first so that places stay right."""
    dialect, rest = asked(text)
    fixes = [item.fix for item in compiled(text).diagnostics if item.fix]
    for fix in sorted(fixes, key=lambda fix: fix.span, reverse=True):
        rest = rest[: fix.span.start] + fix.text + rest[fix.span.end :]
    return f"{dialect}\n{rest}"


WITH_FIXES = [
    pair for pair in pairs(FAULTS) if any(item.fix for item in compiled(pair.text).diagnostics)
]


@pytest.mark.parametrize("pair", WITH_FIXES, ids=lambda pair: pair.title[:40])
def test_a_fix_applied_mechanically_mends_its_fault(pair: Pair) -> None:
    before = compiled(pair.text).diagnostics
    offered = {(item.code, item.message) for item in before if item.fix is not None}
    after = compiled(fixed(pair.text))
    assert not offered & {(item.code, item.message) for item in after.diagnostics}
    errors = [item for item in before if item.severity is Severity.ERROR]
    if all(item.fix is not None for item in errors):
        assert after.is_ok, render_all(after.diagnostics, asked(fixed(pair.text))[1])
