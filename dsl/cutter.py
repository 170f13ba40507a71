"""Tokens cut into statements, before any of them is parsed.

A statement starts on a new line or after ``;``. A line goes on when it ends with an operator or a
comma, when the next one starts with an operator, and while a bracket is open; but a line that is
clearly a statement ends what was left open, so that the fault stays where it was made.
"""

from .faults import Faults
from .lexer import Token
from .statement import specs

_COMPARISONS = {"LT", "LE", "GT", "GE", "EQ", "NE"}
_ARITHMETIC = {"PLUS", "MINUS", "STAR", "SLASH", "CARET", "STARS"}
_OTHERS = {"PIPE", "OR", "AND", "ASSIGN", "QUESTION", "COLON", "COMMA", "DOTS"}
# A line that ends or starts with one of these goes on.
_GOES_ON = _COMPARISONS | _ARITHMETIC | _OTHERS
_LEFT_OPEN = _GOES_ON | {"NOT", "LBRACK"}
# Behind a word these start another value: two values side by side are no formula.
_VALUES = {"NAME", "NUMBER", "STRING", "DURATION", "PERCENT", "BP", "DATE"}


def cut(tokens: list[Token], at: int, faults: Faults) -> tuple[list[list[Token]], int]:
    """Return the statements from a place on, and the place of the brace that ends them."""
    return _Cutter(tokens, faults).run(at)


class _Cutter:
    """One run over the tokens of one strategy."""

    def __init__(self, tokens: list[Token], faults: Faults) -> None:
        self.tokens = tokens
        self.faults = faults
        self.parts: list[list[Token]] = [[]]
        self.opened: list[Token] = []

    def run(self, at: int) -> tuple[list[list[Token]], int]:
        """Walk to the brace that closes the strategy, or to the end."""
        while at < len(self.tokens) and self.tokens[at].type != "RBRACE":
            token = self.tokens[at]
            if token.type == "SEMI" or self._starts_statement(at):
                self._end_statement()
            if token.type != "SEMI":
                self._count_brackets(token)
                self.parts[-1].append(token)
            at += 1
        self._end_statement()
        return [part for part in self.parts if part], at

    def _end_statement(self) -> None:
        if self.opened:
            report_never_closed(self.opened[-1], self.faults)
        self.opened = []
        self.parts.append([])

    def _count_brackets(self, token: Token) -> None:
        if token.type == "LPAR":
            self.opened.append(token)
        elif token.type == "RPAR" and self.opened:
            self.opened.pop()

    def _starts_statement(self, at: int) -> bool:
        token, part = self.tokens[at], self.parts[-1]
        if not part or not token.is_on_new_line:
            return False
        is_keyword = token.type == "NAME" and token.text in specs()
        last = part[-1]
        if is_keyword and self._is_two_values(at):
            return True
        if self.opened:
            return is_keyword and last.type not in _LEFT_OPEN | {"LPAR"}
        if len(part) == 1 and not is_keyword:
            # A statement's word may stand on a line of its own.
            return False
        return last.type not in _LEFT_OPEN and token.type not in _GOES_ON | {"RBRACK"}

    def _is_two_values(self, at: int) -> bool:
        """Tell whether a word is followed by a value on its line, as in no formula."""
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        return after is not None and after.type in _VALUES and not after.is_on_new_line


def brackets_fit(tokens: list[Token], faults: Faults) -> bool:
    """Report brackets without a partner, and braces, which belong to strategies alone."""
    opened: list[Token] = []
    fits = True
    for token in tokens:
        if token.type == "LPAR":
            opened.append(token)
        elif token.type == "RPAR" and opened:
            opened.pop()
        elif token.type in {"RPAR", "LBRACE", "RBRACE"}:
            fits = False
            faults.error(
                "AF106",
                f"`{token.text}` has no partner",
                token.span,
                "remove it, or add the bracket it belongs to",
            )
    if opened:
        report_never_closed(opened[-1], faults)
    return fits and not opened


def report_never_closed(opening: Token, faults: Faults) -> None:
    """Report a bracket that nothing closes."""
    faults.error(
        "AF106", "`(` is never closed", opening.span, "add the `)` where its arguments end"
    )
