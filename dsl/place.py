"""Where reading a sentence stopped, and what to tell its author."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..core.diagnostics import Fix, Span
from .lexer import Token


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stopped: the token found, those around it, and what could stand there.

    ``shows`` is the mistake of ``syntax_examples`` that ends at the same place, if there is one.
    """

    found: Token
    before: Token | None
    accepted: AbstractSet[str]
    after: tuple[Token, ...] = ()
    shows: str = ""
    is_second: bool = False  # of all tokens of a formula

    def joined(self, start: int, text: str) -> Fix:
        """Return the fix that replaces all from a place up to the end of what was found."""
        return Fix(Span(start, self.found.end), text)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What to tell the author."""

    code: str
    message: str
    help: str
    fix: Fix | None = None
    span: Span | None = None  # where it stands, if not where reading stopped
