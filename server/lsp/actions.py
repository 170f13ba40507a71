"""What an editor offers to do about findings: each fix by itself, and all of them."""

from collections.abc import Sequence

from lsprotocol import types

from ...core.diagnostics import Diagnostic, Fix, Severity
from ...dsl.editing.fixes import mended
from ...dsl.editing.positions import Position
from .convert import diagnostic, edits, rewritten
from .documents import Document

FIX_ALL = types.CodeActionKind.SourceFixAll


def actions(document: Document, asked: types.Range, only: Sequence[str]) -> list[types.CodeAction]:
    """Return the fixes for what touches a range, and one action for all fixes of errors."""
    span = document.lines.span(
        Position(asked.start.line, asked.start.character),
        Position(asked.end.line, asked.end.character),
    )
    touching = [
        item
        for item in document.findings
        if item.span and item.span.start <= span.end and span.start <= item.span.end
    ]
    found: list[types.CodeAction] = []
    if _wanted(types.CodeActionKind.QuickFix, only):
        found += [_quick_fix(document, item, item.fix) for item in touching if item.fix is not None]
    is_fixable = any(item.fix and item.severity is Severity.ERROR for item in document.findings)
    if is_fixable and (_wanted(FIX_ALL, only) or (touching and not only)):
        found += _fix_all(document)
    return found


def _wanted(kind: str, only: Sequence[str]) -> bool:
    """Tell whether a kind of action is asked for: `source` asks for `source.fixAll` as well."""
    return not only or any(kind == item or kind.startswith(f"{item}.") for item in only)


def _quick_fix(document: Document, item: Diagnostic, fix: Fix) -> types.CodeAction:
    written = document.text[fix.span.start : fix.span.end]
    if not fix.text.strip():
        title = f"Remove `{written.strip()}`"
    elif written.strip():
        title = f"Write `{fix.text.strip()}` for `{written.strip()}`"
    else:
        title = f"Add `{fix.text.strip()}`"
    return types.CodeAction(
        title=title[:120],
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(document, item)],
        edit=edits(document, [fix]),
        is_preferred=True,
    )


def _fix_all(document: Document) -> list[types.CodeAction]:
    changes = rewritten(document, mended(document.text, document.catalogue))
    if not changes:
        return []
    return [
        types.CodeAction(
            title="Fix all that can be fixed",
            kind=FIX_ALL,
            edit=types.WorkspaceEdit(changes={document.uri: list(changes)}),
        )
    ]
