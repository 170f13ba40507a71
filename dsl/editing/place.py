"""What may be written at a place, told from the text before it alone: the rest may be broken."""

import re
from dataclasses import dataclass

from ...core.diagnostics import Span
from ..cutter import cut
from ..faults import Faults
from ..lexer import Token, tokenize
from ..statement import specs

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,130}\Z")
# Statements that are formulas, and words of other statements behind which a formula stands.
_DEFINES = {"let", "factor", "feature", "param"}
_BEFORE_FORMULA = {"by", "where"}
_SPAN_MAX = 200


@dataclass(frozen=True, slots=True)
class CallPlace:
    """The call that a place is inside of."""

    name: str
    index: int  # which argument, from 0; what came through a pipe counts
    argument: str = ""  # its name, where it is written by name
    named: tuple[str, ...] = ()  # the arguments that are written by name already


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor stands; ``word`` is what has been written of the word it is in."""

    word: Span
    is_strategy: bool = False
    is_closed: bool = False  # in a string or comment, or where nothing can stand
    is_statement_start: bool = False
    keyword: str = ""
    takes_words: bool = False
    takes_formula: bool = False
    is_piped: bool = False
    before: str = ""  # the word before, such as `funding`
    call: CallPlace | None = None


def place_at(text: str, offset: int) -> Place:
    """Return what stands before a place."""
    head = text[:offset]
    match = _WORD.search(head[-_SPAN_MAX:])
    start = offset - (len(match[0]) if match else 0)
    word = Span(start, offset)
    head = text[:start]
    tokens = tokenize(head, Faults())
    if _is_in_comment(head, tokens) or _is_in_string(head, tokens):
        return Place(word, is_closed=True)
    if not tokens or tokens[0].text != "strategy":
        return _in_formula(word, tokens)
    brace = next((at for at, token in enumerate(tokens) if token.type == "LBRACE"), None)
    if brace is None:
        return Place(word, is_strategy=True, is_closed=True)
    is_new_line = "\n" in text[tokens[-1].end : start]
    current = Token("NAME", text[start:offset], start, offset, is_new_line)
    parts, end = cut([*tokens, current], brace + 1, Faults())
    if end <= len(tokens) or not parts:
        return Place(word, is_strategy=True, is_closed=True)
    return _in_statement(word, parts[-1])


def _is_in_comment(head: str, tokens: list[Token]) -> bool:
    at = tokens[-1].end if tokens else 0
    return "#" in head[at:].rpartition("\n")[2]


def _is_in_string(head: str, tokens: list[Token]) -> bool:
    return bool(tokens) and tokens[-1].type == "STRING" and _is_open(head, tokens[-1])


def _is_open(head: str, token: Token) -> bool:
    written = head[token.start : token.end]
    return token.end == len(head) and (len(written) == 1 or not written.endswith('"'))


def _in_formula(word: Span, tokens: list[Token]) -> Place:
    return Place(
        word,
        is_statement_start=not tokens,
        takes_formula=True,
        is_piped=bool(tokens) and tokens[-1].type == "PIPE",
        before=tokens[-1].text if tokens else "",
        call=_call(tokens),
    )


def _in_statement(word: Span, part: list[Token]) -> Place:
    """Judge a place by the tokens of its statement; the last one is the word itself."""
    if len(part) == 1:
        return Place(word, is_strategy=True, is_statement_start=True)
    keyword, inner = part[0].text, part[1:-1]
    spec = specs().get(keyword)
    call = _call(inner)
    words = {token.text for token in _clause(inner)}
    is_defined = any(token.type == "ASSIGN" for token in inner)
    takes_formula = (
        call is not None
        or keyword == "signal"
        or (keyword in _DEFINES and is_defined)
        or bool(spec and spec.words and words & _BEFORE_FORMULA)
    )
    return Place(
        word,
        is_strategy=True,
        keyword=keyword,
        takes_words=bool(spec and spec.words) and call is None,
        takes_formula=takes_formula,
        is_piped=bool(inner) and inner[-1].type == "PIPE",
        before=part[-2].text,
        call=call,
    )


def _clause(tokens: list[Token]) -> list[Token]:
    """Return the tokens behind the last comma that is in no bracket."""
    depth = 0
    for at in range(len(tokens) - 1, -1, -1):
        depth += {"RPAR": 1, "LPAR": -1}.get(tokens[at].type, 0)
        if tokens[at].type == "COMMA" and depth <= 0:
            return tokens[at + 1 :]
    return tokens


@dataclass(slots=True)
class _Open:
    """A bracket that is open."""

    name: str
    index: int
    argument: str = ""
    named: tuple[str, ...] = ()


def _call(tokens: list[Token]) -> CallPlace | None:
    """Return the innermost call that is open at the end of some tokens."""
    opened: list[_Open] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if token.type == "LPAR":
            is_call = before is not None and before.type == "NAME"
            is_piped = is_call and at > 1 and tokens[at - 2].type == "PIPE"
            opened.append(_Open(before.text if is_call and before else "", int(is_piped)))
        elif not opened:
            continue
        elif token.type == "RPAR":
            opened.pop()
        elif token.type == "COMMA":
            opened[-1].index += 1
            opened[-1].argument = ""
        elif token.type == "ASSIGN" and before is not None:
            opened[-1].argument = before.text
            opened[-1].named += (before.text,)
    # `f((x + ` is inside `f`, too.
    last = next((item for item in reversed(opened) if item.name), opened[-1] if opened else None)
    return CallPlace(last.name, last.index, last.argument, last.named) if last else None
