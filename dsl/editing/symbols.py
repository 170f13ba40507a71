"""The statements of a strategy as an outline."""

from dataclasses import dataclass

from ...core.diagnostics import Span
from .survey import Survey


@dataclass(frozen=True, slots=True)
class Symbol:
    """One entry: what it is called, all of it, and the word to jump to."""

    name: str
    detail: str
    keyword: str
    span: Span
    name_span: Span


def outline(known: Survey) -> tuple[Symbol, ...]:
    """List the statements; a bare formula has none."""
    found = []
    for part in known.parts:
        span = Span(part[0].start, part[-1].end)
        statement = next((item for item in known.statements if item.span == span), None)
        defined = statement.defines if statement else ""
        named = part[1] if defined and len(part) > 1 else part[0]
        detail = known.written(Span(named.end, span.end)).removeprefix("= ")
        found.append(Symbol(named.text, detail[:120], part[0].text, span, named.span))
    return tuple(found)


def whole(known: Survey) -> Symbol | None:
    """Return the strategy itself, from its word to its closing brace."""
    if not known.is_strategy:
        return None
    span = Span(known.tokens[0].start, known.tokens[-1].end)
    name = known.text[known.name_span.start : known.name_span.end]
    return Symbol(name, "strategy", "strategy", span, known.name_span)
