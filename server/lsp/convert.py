"""Our words in those of the protocol."""

from collections.abc import Iterable, Mapping

from lsprotocol import types

from ...core.diagnostics import Diagnostic, Fix, Severity, Span
from ...core.pages import error_link
from ...dsl.editing.completion import Item, Sort
from ...dsl.editing.positions import Lines
from ...dsl.editing.signatures import Signature
from ...dsl.editing.symbols import Symbol
from .documents import Document

SOURCE = "alphaforge"
_SEVERITY: Mapping[Severity, types.DiagnosticSeverity] = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.NOTE: types.DiagnosticSeverity.Information,
}
_KIND: Mapping[Sort, types.CompletionItemKind] = {
    Sort.ARGUMENT: types.CompletionItemKind.Property,
    Sort.WORD: types.CompletionItemKind.EnumMember,
    Sort.NAME: types.CompletionItemKind.Variable,
    Sort.FIELD: types.CompletionItemKind.Field,
    Sort.OPERATOR: types.CompletionItemKind.Function,
    Sort.MACRO: types.CompletionItemKind.Function,
    Sort.ALIAS: types.CompletionItemKind.Function,
    Sort.STATEMENT: types.CompletionItemKind.Keyword,
}
_SYMBOL: Mapping[str, types.SymbolKind] = {
    "strategy": types.SymbolKind.Class,
    "let": types.SymbolKind.Variable,
    "factor": types.SymbolKind.Variable,
    "feature": types.SymbolKind.Variable,
    "param": types.SymbolKind.Constant,
    "signal": types.SymbolKind.Function,
}


def range_of(lines: Lines, span: Span) -> types.Range:
    """Return a span as an editor's range."""
    start, end = lines.position(span.start), lines.position(span.end)
    return types.Range(types.Position(*start), types.Position(*end))


def diagnostic(document: Document, item: Diagnostic) -> types.Diagnostic:
    """Say one finding; its help follows the message, its code leads to its page."""
    message = f"{item.message}\nhelp: {item.help}" if item.help else item.message
    return types.Diagnostic(
        range=range_of(document.lines, item.span or Span(0, 0)),
        message=message,
        severity=_SEVERITY[item.severity],
        code=item.code,
        code_description=types.CodeDescription(href=error_link(item.code)),
        source=SOURCE,
    )


def edits(document: Document, fixes: Iterable[Fix]) -> types.WorkspaceEdit:
    """Return fixes as changes of one text."""
    return types.WorkspaceEdit(
        changes={
            document.uri: [
                types.TextEdit(range_of(document.lines, fix.span), fix.text) for fix in fixes
            ]
        }
    )


def rewritten(document: Document, text: str) -> tuple[types.TextEdit, ...]:
    """Return what turns a text into another: one change, of the part that differs."""
    old = document.text
    if old == text:
        return ()
    limit = min(len(old), len(text))
    start = next((at for at in range(limit) if old[at] != text[at]), limit)
    rest = limit - start
    back = next((at for at in range(rest) if old[-1 - at] != text[-1 - at]), rest)
    span = Span(start, len(old) - back)
    return (types.TextEdit(range_of(document.lines, span), text[start : len(text) - back]),)


def completion(
    item: Item, word: types.Range, uri: str, *, order: int, has_snippets: bool
) -> types.CompletionItem:
    """Say one item that can be written; its page is asked for when it is looked at."""
    is_snippet = has_snippets and bool(item.snippet)
    return types.CompletionItem(
        label=item.label,
        kind=_KIND[item.sort],
        detail=item.detail,
        sort_text=f"{list(Sort).index(item.sort)}{order:04}",
        filter_text=item.label,
        insert_text_format=types.InsertTextFormat.Snippet
        if is_snippet
        else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(word, item.snippet if is_snippet else item.text),
        data={"sort": item.sort.value, "uri": uri},
    )


def signature_help(found: Signature) -> types.SignatureHelp:
    """Say how a call is written."""
    information = types.SignatureInformation(
        label=found.label,
        documentation=markdown(found.doc),
        parameters=[
            types.ParameterInformation(label=shown, documentation=markdown(said))
            for shown, said in found.arguments
        ],
    )
    # An index past the last argument marks none.
    active = len(found.arguments) if found.active is None else found.active
    return types.SignatureHelp(
        signatures=[information], active_signature=0, active_parameter=active
    )


def symbol(document: Document, item: Symbol, inner: Iterable[Symbol] = ()) -> types.DocumentSymbol:
    """Say one entry of the outline."""
    return types.DocumentSymbol(
        name=item.name or item.keyword,
        detail=item.detail,
        kind=_SYMBOL.get(item.keyword, types.SymbolKind.Property),
        range=range_of(document.lines, item.span),
        selection_range=range_of(document.lines, item.name_span),
        children=[symbol(document, child) for child in inner],
    )


def markdown(text: str) -> types.MarkupContent:
    """Return Markdown as the protocol carries it."""
    return types.MarkupContent(types.MarkupKind.Markdown, text)
