"""The language server itself: which request is answered by what.

Findings go out after each change, a moment later, and only those of the newest version. A request
that breaks is answered with an error and logged; the server goes on.
"""

import asyncio

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from ... import __version__
from ...core.errors import InvalidInputError
from ...dsl.catalogue import Catalogue
from ...dsl.editing.completion import Sort, item_text, offer_at
from ...dsl.editing.hover import hover_at
from ...dsl.editing.names import definition_span, name_at, renamed, uses_of
from ...dsl.editing.positions import UTF_16
from ...dsl.editing.signatures import signature_at
from ...dsl.editing.symbols import outline, whole
from ...dsl.layout import format_text
from . import convert
from .actions import FIX_ALL, actions
from .documents import Document, Documents

# How long typing must rest before a text is compiled.
PAUSE_S = 0.03


class Server(LanguageServer):
    """One server for one editor."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Start without open texts."""
        super().__init__("alphaforge", __version__)
        self.catalogue = catalogue
        self.documents = Documents(catalogue)
        self.was_shut_down = False
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def told(self, document: Document) -> None:
        """Hear of a new version, and tell its findings once typing rests."""
        self.forget(document.uri)
        self._waiting[document.uri] = asyncio.get_running_loop().create_task(self._later(document))

    def forget(self, uri: str) -> None:
        """Tell no findings of an earlier version."""
        task = self._waiting.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _later(self, document: Document) -> None:
        await asyncio.sleep(PAUSE_S)
        if self.documents.is_newest(document):
            self.publish(document)

    def publish(self, document: Document) -> None:
        """Tell the findings of a text."""
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri=document.uri,
                version=document.version,
                diagnostics=[convert.diagnostic(document, item) for item in document.findings],
            )
        )

    def has_snippets(self) -> bool:
        """Tell whether the editor understands places to fill in."""
        text = self.client_capabilities.text_document
        completion = text.completion if text else None
        item = completion.completion_item if completion else None
        return bool(item and item.snippet_support)


def make_server(catalogue: Catalogue) -> Server:
    """Build a server that answers with the words of a catalogue."""
    server = Server(catalogue)
    _hear_texts(server)
    _answer_words(server)
    _answer_names(server)
    _answer_renames(server)
    _answer_texts(server)
    return server


def _hear_texts(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    def agreed(_params: types.InitializedParams) -> None:
        server.documents.encoding = server.server_capabilities.position_encoding or UTF_16

    @server.feature(types.SHUTDOWN)
    def ended(_params: None) -> None:
        server.was_shut_down = True

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        server.told(server.documents.put(item.uri, item.version, item.text))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        item = params.text_document
        server.told(server.documents.change(item.uri, item.version, params.content_changes))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.forget(uri)
        server.documents.drop(uri)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _answer_words(server: Server) -> None:
    documents, catalogue = server.documents, server.catalogue

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        document = documents.get(params.text_document.uri)
        found = hover_at(document.known, document.offset(params.position), catalogue)
        if found is None:
            return None
        return types.Hover(
            convert.markdown(found.text), convert.range_of(document.lines, found.span)
        )

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=["(", ",", ".", ">"], resolve_provider=True),
    )
    def complete(params: types.CompletionParams) -> types.CompletionList:
        document = documents.get(params.text_document.uri)
        offer = offer_at(document.known, document.offset(params.position), catalogue)
        word = convert.range_of(document.lines, offer.word)
        has_snippets = server.has_snippets()
        items = [
            convert.completion(item, word, document.uri, order=order, has_snippets=has_snippets)
            for order, item in enumerate(offer.items)
        ]
        return types.CompletionList(is_incomplete=False, items=items)

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    def resolve(item: types.CompletionItem) -> types.CompletionItem:
        data = item.data if isinstance(item.data, dict) else {}
        if data.get("sort") in set(Sort):
            known = documents.get(str(data.get("uri"))).known
            text = item_text(item.label, Sort(data["sort"]), known, catalogue)
            item.documentation = convert.markdown(text) if text else None
        return item

    @server.feature(
        types.TEXT_DOCUMENT_SIGNATURE_HELP,
        types.SignatureHelpOptions(trigger_characters=["(", ","]),
    )
    def sign(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        document = documents.get(params.text_document.uri)
        found = signature_at(document.text, document.offset(params.position), catalogue)
        return None if found is None else convert.signature_help(found)


def _answer_names(server: Server) -> None:
    documents = server.documents

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def define(params: types.DefinitionParams) -> types.Location | None:
        document = documents.get(params.text_document.uri)
        name = name_at(document.known, document.offset(params.position))
        span = definition_span(document.known, name) if name else None
        if span is None:
            return None
        return types.Location(document.uri, convert.range_of(document.lines, span))

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def refer(params: types.ReferenceParams) -> list[types.Location]:
        document = documents.get(params.text_document.uri)
        spans = uses_of(document.known, name_at(document.known, document.offset(params.position)))
        if not params.context.include_declaration:
            spans = spans[1:]
        return [
            types.Location(document.uri, convert.range_of(document.lines, span)) for span in spans
        ]


def _answer_renames(server: Server) -> None:
    documents = server.documents

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def may_rename(params: types.PrepareRenameParams) -> types.Range | None:
        document = documents.get(params.text_document.uri)
        offset = document.offset(params.position)
        name = name_at(document.known, offset)
        for span in uses_of(document.known, name):
            if span.start <= offset <= span.end:
                return convert.range_of(document.lines, span)
        return None

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def rename(params: types.RenameParams) -> types.WorkspaceEdit | None:
        document = documents.get(params.text_document.uri)
        name = name_at(document.known, document.offset(params.position))
        if not name:
            return None
        try:
            fixes = renamed(document.known, name, params.new_name, server.catalogue)
        except InvalidInputError as error:
            raise JsonRpcInvalidParams(f"{error.message}; {error.help}") from error
        return convert.edits(document, fixes)


def _answer_texts(server: Server) -> None:
    documents = server.documents

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    def act(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = documents.get(params.text_document.uri)
        return actions(document, params.range, params.context.only or ())

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def lay_out(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        document = documents.get(params.text_document.uri)
        return list(convert.rewritten(document, format_text(document.text)))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def list_symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document = documents.get(params.text_document.uri)
        top = whole(document.known)
        if top is None:
            return []
        return [convert.symbol(document, top, outline(document.known))]
