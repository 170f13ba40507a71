"""The texts that are open in an editor, and what each compiles to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from lsprotocol import types

from ...core.diagnostics import Diagnostic
from ...dsl.catalogue import Catalogue
from ...dsl.compile import compile_text
from ...dsl.editing.positions import UTF_16, Lines, Position, replaced
from ...dsl.editing.survey import Survey, survey


@dataclass(frozen=True)
class Document:
    """One version of one text; what is asked of it is worked out once."""

    uri: str
    version: int
    text: str
    catalogue: Catalogue
    encoding: str = UTF_16

    @cached_property
    def lines(self) -> Lines:
        """Return its lines."""
        return Lines(self.text, self.encoding)

    @cached_property
    def known(self) -> Survey:
        """Return it as far as it can be read."""
        return survey(self.text, self.catalogue)

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        """Compile it, and return what there is to say; an empty text is not told to be one."""
        if not self.text.strip():
            return ()
        return compile_text(self.text, self.catalogue).diagnostics

    def offset(self, position: types.Position) -> int:
        """Return the character at a place of the editor's."""
        return self.lines.offset(position.line, position.character)


@dataclass(slots=True)
class Documents:
    """All open texts, by their address."""

    catalogue: Catalogue
    encoding: str = UTF_16  # What the editor counts columns in.
    _open: dict[str, Document] = field(default_factory=dict)

    def put(self, uri: str, version: int, text: str) -> Document:
        """Keep a text that an editor opened or changed."""
        self._open[uri] = Document(uri, version, text, self.catalogue, self.encoding)
        return self._open[uri]

    def get(self, uri: str) -> Document:
        """Return a text; one that was never opened is empty."""
        return self._open.get(uri) or Document(uri, 0, "", self.catalogue, self.encoding)

    def drop(self, uri: str) -> None:
        """Forget a text that was closed."""
        self._open.pop(uri, None)

    def is_newest(self, document: Document) -> bool:
        """Tell whether a text has not changed since."""
        return self._open.get(document.uri) is document

    def change(
        self,
        uri: str,
        version: int,
        changes: Iterable[types.TextDocumentContentChangeEvent],
    ) -> Document:
        """Make an editor's changes, each on what the one before left."""
        text = self.get(uri).text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                first, last = change.range.start, change.range.end
                span = Lines(text, self.encoding).span(
                    Position(first.line, first.character), Position(last.line, last.character)
                )
                text = replaced(text, span, change.text)
            else:
                text = change.text
        return self.put(uri, version, text)
