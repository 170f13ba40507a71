"""A strategy's text laid out anew: words, names, order and comments stay, white space is ours.

1. Tokens are cut into statements as the compiler cuts them; what stands between them is comments
   and blank lines.
2. A statement becomes one line, its word padded to one width; a pipe that began a line, or that
   would make the line too long, begins one.
3. Comments keep their place: above a statement, or behind it. One inside it moves above.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .faults import Faults
from .lexer import OPERATORS, Token, tokenize

INDENT = "  "
PIPE_INDENT = " " * 12
WORD_WIDTH = 9  # `portfolio` and `rebalance`
LINE_MAX = 100
# These stand apart from the others, on the lines below the name.
_UNPADDED = {"doc", "use"}
_COMMENT = re.compile(r"#[^\n]*")
_VALUE_ENDS = {"NAME", "NUMBER", "DURATION", "PERCENT", "BP", "DATE", "VERSION", "STRING", "RPAR"}


@dataclass(slots=True)
class _Line:
    """A statement with the comments around it."""

    tokens: list[Token]
    above: list[str] = field(default_factory=list)
    behind: str = ""
    has_gap: bool = False
    name_width: int = 0


def format_text(text: str) -> str:
    """Return a text in its layout; one that cannot be cut into statements stays as it is."""
    from .cutter import cut

    faults = Faults()
    tokens = tokenize(text, faults)
    if faults.has_errors or not tokens:
        return text
    if tokens[0].text != "strategy":
        return _formula(tokens, text)
    brace = _brace(tokens)
    if brace is None:
        return text
    left_open = Faults()
    parts, end = cut(tokens, brace + 1, left_open)
    if left_open.has_errors or end != len(tokens) - 1:
        return text
    laid_out = _strategy(text, tokens, brace, parts)
    # A wrong text may lean on its `;`: `signal; returns` is not `signal` and `returns` below it.
    return laid_out if _cut_alike(laid_out, parts) else text


def _brace(tokens: list[Token]) -> int | None:
    """Return where the strategy opens: behind its name, or behind its word when it has none."""
    return next((at for at, token in enumerate(tokens[:3]) if token.type == "LBRACE"), None)


def _cut_alike(text: str, parts: list[list[Token]]) -> bool:
    """Tell whether a text has these statements, word by word."""
    from .cutter import cut

    tokens = tokenize(text, Faults())
    brace = _brace(tokens)
    if brace is None:
        # Laid out, it would be too long a text.
        return False
    again, _ = cut(tokens, brace + 1, Faults())
    return [_words(part) for part in again] == [_words(part) for part in parts]


def _words(part: list[Token]) -> list[tuple[str, str]]:
    return [(token.type, token.text) for token in part]


def _strategy(text: str, tokens: list[Token], brace: int, parts: list[list[Token]]) -> str:
    top = _Gap(text[: tokens[0].start])
    name = " ".join(token.text for token in tokens[:brace])
    out = [*top.whole(), *_inside(text, tokens[: brace + 1]), f"{name} {{"]
    lines = _lines(text, tokens[brace].end, parts)
    for number, line in enumerate(lines):
        if line.behind:
            out[-1] += f"  {line.behind}"
        if line.has_gap and number > 0:
            out.append("")
        out += [f"{INDENT}{comment}" for comment in line.above]
        out += [f"{INDENT}{row}" for row in _statement(line.tokens, line.name_width)]
    at = parts[-1][-1].end if parts else tokens[brace].end
    last = _Gap(text[at : tokens[-1].start])
    if last.behind:
        out[-1] += f"  {last.behind}"
    out += [f"{INDENT}{comment}" for comment in last.above]
    tail = _Gap(text[tokens[-1].end :])
    out.append("}" + (f"  {tail.behind}" if tail.behind else ""))
    out += tail.above
    return "\n".join(out) + "\n"


class _Gap:
    """What stands between two tokens: a comment behind the first, comments and blank lines."""

    def __init__(self, text: str) -> None:
        first, _, rest = text.partition("\n")
        found = _COMMENT.search(first)
        self.behind = found[0].rstrip() if found else ""
        self.above = [comment.rstrip() for comment in _COMMENT.findall(rest)]
        self.has_blank = re.match(r"[ \t\r;]*\n", rest) is not None

    def whole(self) -> list[str]:
        """Return all comments, where nothing stands before them."""
        return [self.behind, *self.above] if self.behind else self.above


def _lines(text: str, at: int, parts: list[list[Token]]) -> list[_Line]:
    """Return the statements; definitions of one sort that follow each other share a width."""
    lines: list[_Line] = []
    group: list[_Line] = []
    for part in parts:
        line = _line(text, at, part)
        at = part[-1].end
        lines.append(line)
        is_definition = len(part) > 2 and part[2].type == "ASSIGN"  # noqa: PLR2004  # let x =
        goes_on = group and group[-1].tokens[0].text == part[0].text and not line.has_gap
        if not is_definition or line.above or not goes_on:
            _align(group)
            group = []
        if is_definition:
            group.append(line)
    _align(group)
    return lines


def _align(group: list[_Line]) -> None:
    """Give definitions that follow each other one width for their names."""
    width = max((len(item.tokens[1].text) for item in group), default=0)
    for item in group:
        item.name_width = width


def _line(text: str, at: int, part: list[Token]) -> _Line:
    gap = _Gap(text[at : part[0].start])
    return _Line(part, [*gap.above, *_inside(text, part)], gap.behind, gap.has_blank)


def _inside(text: str, part: list[Token]) -> list[str]:
    """Return the comments between tokens."""
    return [
        comment.rstrip()
        for left, right in pairwise(part)
        for comment in _COMMENT.findall(text[left.end : right.start])
    ]


def _statement(part: list[Token], name_width: int) -> list[str]:
    """Lay a statement out in one line, or one line a pipe."""
    word = part[0].text
    head = f"{word} " if word in _UNPADDED else f"{word:<{WORD_WIDTH}} "
    if name_width:
        head += f"{part[1].text:<{name_width}} "
        part = part[1:]
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in part[1:]:
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        if token.type == "PIPE" and depth == 0 and token.is_on_new_line:
            rows.append([])
        rows[-1].append(token)
    if len(rows) == 1 and len(INDENT + head + joined(part[1:])) > LINE_MAX:
        rows = _split_at_pipes(part[1:])
    first, *others = (joined(row) for row in rows)
    return [f"{head}{first}".rstrip(), *(f"{PIPE_INDENT}{row}"[len(INDENT) :] for row in others)]


def _split_at_pipes(tokens: list[Token]) -> list[list[Token]]:
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        if token.type == "PIPE" and depth == 0:
            rows.append([])
        rows[-1].append(token)
    return rows


def _formula(tokens: list[Token], text: str) -> str:
    # Between tokens: a `#` in a string starts none.
    ends = [0, *(token.end for token in tokens)]
    starts = [*(token.start for token in tokens), len(text)]
    gaps = (text[end:start] for end, start in zip(ends, starts, strict=True))
    comments = [comment for gap in gaps for comment in _COMMENT.findall(gap)]
    return "\n".join([*(comment.rstrip() for comment in comments), joined(tokens)]) + "\n"


def joined(tokens: list[Token]) -> str:
    """Write tokens in one line, with the spaces of the language."""
    out = ""
    depth = 0
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if before is not None and _has_space(tokens, at, depth):
            out += " "
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        out += _written(token)
    return out


def _written(token: Token) -> str:
    if token.type != "STRING":
        return {"AND": "and", "OR": "or"}.get(token.type, token.text)
    escaped = token.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _would_merge(before: Token, token: Token) -> bool:
    """Tell whether two marks side by side would be read as another one, such as ``==``."""
    if before.text not in OPERATORS:
        return False
    both = before.text + token.text
    return any(len(mark) > len(before.text) and both.startswith(mark) for mark in OPERATORS)


def _has_space(tokens: list[Token], at: int, depth: int) -> bool:
    before, token = tokens[at - 1], tokens[at]
    if token.type in {"COMMA", "RPAR", "RBRACK"} or before.type in {"LPAR", "LBRACK"}:
        return False
    if token.type == "LPAR" and before.type == "NAME":
        # A call was written as one; a word of a statement has a space behind it.
        return before.end < token.start
    if "ASSIGN" in {token.type, before.type} and depth > 0:
        return _would_merge(before, token)
    is_sign = before.type == "MINUS" and (at == 1 or tokens[at - 2].type not in _VALUE_ENDS)
    return not is_sign
