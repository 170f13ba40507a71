"""Fixes written into a text: one, or all that go together."""

from collections.abc import Iterable

from ...core.diagnostics import Fix, Severity
from ..catalogue import Catalogue
from ..compile import compile_text
from .positions import replaced

# A fix may uncover the next fault; past this many rounds the rest is for a person.
ROUNDS_MAX = 8


def applied(text: str, fixes: Iterable[Fix]) -> str:
    """Write fixes into a text; one that overlaps an earlier one is left out."""
    free_from = -1
    kept: list[Fix] = []
    for fix in sorted(set(fixes), key=lambda item: (item.span, item.text)):
        if fix.span.start >= free_from and (not kept or kept[-1].span != fix.span):
            kept.append(fix)
            free_from = fix.span.end
    for fix in reversed(kept):
        text = replaced(text, fix.span, fix.text)
    return text


def mended(text: str, catalogue: Catalogue) -> str:
    """Apply the fixes of all errors, round by round, while that leaves fewer of them."""
    left = _errors(text, catalogue)
    for _ in range(ROUNDS_MAX):
        count, fixes = left
        tried = applied(text, fixes)
        if not fixes or tried == text:
            break
        found = _errors(tried, catalogue)
        if found[0] > count:
            break
        text, left = tried, found
    return text


def _errors(text: str, catalogue: Catalogue) -> tuple[int, list[Fix]]:
    found = compile_text(text, catalogue).diagnostics
    errors = [item for item in found if item.severity is Severity.ERROR]
    return len(errors), [item.fix for item in errors if item.fix is not None]
