"""Where a let, factor or the like is defined and used, and how it is renamed without harm."""

import re

from ...core.diagnostics import Fix, Span, echo
from ...core.errors import InvalidInputError
from ..catalogue import Catalogue
from ..compile import compile_text
from ..lexer import Token
from .fixes import applied
from .survey import Survey, is_setting

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Their names are those of data sets and packs.
_OTHER_NAMES = {"data", "use", "doc"}


def name_at(known: Survey, offset: int) -> str:
    """Return the defined name that a place is on; nothing when it is on none."""
    at = known.at(offset)
    token = known.tokens[at] if at is not None else None
    if token is None or all(token.span != use for use in uses_of(known, token.text)):
        return ""
    return token.text


def definition_span(known: Survey, name: str) -> Span | None:
    """Return where a name is defined."""
    return next(iter(uses_of(known, name)), None) if known.definition_of(name) else None


def uses_of(known: Survey, name: str) -> tuple[Span, ...]:
    """Return where a name stands: its definition first, then the places that use it."""
    defined = known.definition_of(name)
    if defined is None:
        return ()
    at_home: list[Span] = []
    used: list[Span] = []
    for number, token in enumerate(known.tokens):
        if token.type != "NAME" or token.text != name:
            continue
        part = known.part_of(token)
        if len(part) > 1 and part[1] is token and part[0].text == defined.keyword:
            at_home.append(token.span)
        elif _is_use(known, number, part):
            used.append(token.span)
    return (*at_home, *used)


def _is_use(known: Survey, number: int, part: tuple[Token, ...]) -> bool:
    token = known.tokens[number]
    if not part or part[0] is token or part[0].text in _OTHER_NAMES or is_setting(part, token):
        return False
    after = known.tokens[number + 1].type if number + 1 < len(known.tokens) else ""
    # `bars=3` is an argument, and `f(x)` a call.
    return after not in {"ASSIGN", "LPAR"}


def renamed(known: Survey, name: str, new: str, catalogue: Catalogue) -> tuple[Fix, ...]:
    """Return the edits that give a name another word everywhere.

    Raises:
        InvalidInputError: when the word cannot be had, or the text would mean something else.
    """
    if not _NAME.fullmatch(new):
        raise InvalidInputError(
            f"`{echo(new)}` cannot be a name",
            help="a name is small letters, digits and `_`, and starts with a letter",
        )
    taken = (catalogue.fields, catalogue.operators, catalogue.macros, catalogue.aliases)
    if any(new in names for names in taken) or new in known.feeds or known.definition_of(new):
        raise InvalidInputError(f"`{new}` is taken already", help="choose another name")
    before = compile_text(known.text, catalogue)
    if not before.is_ok:
        raise InvalidInputError(
            "a text with errors cannot be renamed in safely", help="mend the errors first"
        )
    edits = tuple(Fix(span, new) for span in uses_of(known, name))
    after = compile_text(applied(known.text, edits), catalogue)
    # The names of factors are shown in reports; all else must be as it was.
    if after.strategy_fingerprint != before.strategy_fingerprint:
        raise InvalidInputError(
            f"renaming `{name}` to `{new}` would alter the strategy", help="choose another name"
        )
    return edits
