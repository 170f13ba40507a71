"""A text as far as it can be read: tokens, statements, and what its names are worth.

It holds for broken texts too: what cannot be read is left out, the rest is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.diagnostics import Span
from ..assembly import assemble
from ..catalogue import Catalogue
from ..compile import BAR_SECONDS
from ..cutter import cut
from ..faults import Faults
from ..lexer import Token, tokenize
from ..reader import read
from ..statement import specs
from ..syntax import Statement
from ..values import Bound


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of one text."""

    text: str
    tokens: tuple[Token, ...] = ()
    parts: tuple[tuple[Token, ...], ...] = ()  # the tokens of each statement
    is_strategy: bool = False
    statements: tuple[Statement, ...] = ()
    name_span: Span = field(default_factory=lambda: Span(0, 0))
    values: Mapping[str, Bound] = field(default_factory=dict)  # of lets, factors and the like
    feeds: tuple[str, ...] = ()  # aliases of data sets beside the traded one
    bar_seconds: int = BAR_SECONDS

    def at(self, offset: int) -> int | None:
        """Return which token stands at a place; between two of them, a name or the later one."""
        found = [
            number for number, item in enumerate(self.tokens) if item.start <= offset <= item.end
        ]
        names = [number for number in found if self.tokens[number].type == "NAME"]
        return next(reversed(names or found), None)

    def part_of(self, token: Token) -> tuple[Token, ...]:
        """Return the statement that a token stands in; nothing outside statements."""
        for part in self.parts:
            if part[0].start <= token.start <= part[-1].start:
                return part
        return ()

    def definition_of(self, name: str) -> Statement | None:
        """Return the statement that defines a name."""
        return next((item for item in self.statements if item.defines == name), None)

    def written(self, span: Span) -> str:
        """Return a piece of the text on one line."""
        return " ".join(self.text[span.start : span.end].split())


def survey(text: str, catalogue: Catalogue) -> Survey:
    """Read a text, whatever state it is in; faults are not kept."""
    faults = Faults()
    tokens = tokenize(text, faults)
    if not tokens:
        return Survey(text)
    parsed = read(tokens, text, faults)
    binder = assemble(parsed, catalogue, BAR_SECONDS, faults).binder
    return Survey(
        text=text,
        tokens=tuple(tokens),
        parts=parts_of(tokens),
        is_strategy=parsed.is_strategy,
        statements=parsed.statements,
        name_span=parsed.name_span,
        values=binder.names if binder else {},
        feeds=(binder.feeds or ()) if binder else (),
        bar_seconds=binder.bar_seconds if binder else BAR_SECONDS,
    )


def parts_of(tokens: list[Token]) -> tuple[tuple[Token, ...], ...]:
    """Cut a strategy's tokens into statements; a bare formula has none."""
    if tokens[0].text != "strategy":
        return ()
    brace = next((at for at, token in enumerate(tokens) if token.type == "LBRACE"), None)
    if brace is None:
        return ()
    parts, _ = cut(tokens, brace + 1, Faults())
    return tuple(tuple(part) for part in parts)


def is_setting(part: tuple[Token, ...], token: Token) -> bool:
    """Tell whether a token is one of its statement's own words, and no name of a value."""
    spec = specs().get(part[0].text) if part else None
    if spec is None or token.text not in spec.words:
        return False
    before = [item.type for item in part if item.start < token.start]
    return before.count("LPAR") <= before.count("RPAR")
