"""Tokens to syntax by the strength of marks: one reader for all dialects.

A value is read, then marks to its right for as long as they bind tighter than what stands to the
left (precedence climbing). How deep it calls itself is counted, so that no text runs out of stack.
"""

from typing import NoReturn

from ...core.diagnostics import Fix, Span, echo
from .. import limits
from ..cutter import brackets_fit
from ..faults import Faults
from ..lexer import Token
from ..syntax import Argument, Definition, Expression, Name, Quote
from . import build
from .build import TooDeepError
from .dialect import Dialect, Infix

# Two levels for each bracket, and the rest for what stands in none.
LEVELS_MAX = 2 * limits.DEPTH_MAX
_LOGIC = frozenset({"AND", "OR"})
_COMPARISONS = {"LT": "lt", "LE": "le", "GT": "gt", "GE": "ge", "EQ": "eq", "NE": "ne"}


class _Stop(Exception):  # noqa: N818  # It never leaves this module.
    """Reading cannot go on; what is wrong has been told."""


class Climber:
    """Reads the tokens of one text."""

    def __init__(self, tokens: list[Token], end: int, dialect: Dialect, faults: Faults) -> None:
        """Start at the first token; what is missing at the end is missing at ``end``."""
        self.tokens = tokens
        self.last = Token("$END", "", end, end)
        self.dialect = dialect
        self.faults = faults
        self.at = 0
        self.level = 0

    def text(self) -> tuple[tuple[Definition, ...], Expression | None]:
        """Read the whole text: assignments, if the dialect has any, and a formula."""
        try:
            return self._statements() if self.dialect.has_statements else ((), self._whole())
        except _Stop:
            return (), None
        except TooDeepError as error:
            message = f"the formula is over {limits.DEPTH_MAX} levels deep"
            self.faults.error("AF127", message, error.span, "use a wide sum in place of a tower")
            return (), None

    def _statements(self) -> tuple[tuple[Definition, ...], Expression | None]:
        definitions: list[Definition] = []
        while self._next().type == "NAME" and self._next(1).type == "ASSIGN":
            name = self._take()
            self._take()
            definitions.append(Definition(name.text, name.span, self._expression(0)))
            if self._next().type != "SEMI":
                break
            self._skip_semicolons()
        if self._next().type == "$END" and definitions:
            last = definitions[-1]
            self.faults.error(
                "AF258",
                "the text ends with an assignment",
                last.name_span,
                "write the formula itself as the last statement, or the name alone",
                Fix(Span(self.last.start, self.last.start), f"; {last.name}"),
            )
            return tuple(definitions), None
        result = self._expression(0)
        self._skip_semicolons()
        if self._next().type != "$END":
            self._report_rest()
        return tuple(definitions), result

    def _skip_semicolons(self) -> None:
        while self._next().type == "SEMI":
            self._take()

    def _report_rest(self) -> NoReturn:
        found = self._next()
        if self.tokens[self.at - 1].type == "SEMI":
            self.faults.error(
                "AF258",
                "a formula stands before the last statement and has no name",
                found.span,
                "name it: `a = ...;`, or remove it: the last statement is the signal",
            )
            raise _Stop
        self._unexpected(found)

    def _whole(self) -> Expression:
        result = self._expression(0)
        if self._next().type != "$END":
            self._unexpected(self._next())
        return result

    # Values and marks

    def _expression(self, least: int) -> Expression:
        self.level += 1
        if self.level > LEVELS_MAX:
            raise TooDeepError(self._next().span)
        left = self._prefixed()
        while True:
            infix = self.dialect.infix.get(self._next().type)
            if infix is None or infix.binding < least:
                break
            left = self._infix(left, infix)
        self.level -= 1
        return left

    def _infix(self, left: Expression, infix: Infix) -> Expression:
        if infix.shape == "chain":
            return self._chain(left, infix)
        mark = self._take()
        if infix.shape == "choice":
            return self._choice(left)
        if infix.shape == "power":
            # It reads from the right, and a sign may stand before what is raised to.
            right = self._expression(min(infix.binding, self.dialect.prefix_binding))
            return build.binary("pow", left, right, _between(left, right))
        start = self.at
        right = self._expression(infix.binding + 1)
        self._refuse_chain(infix, start)
        return build.binary(_COMPARISONS[mark.type], left, right, _between(left, right))

    def _chain(self, left: Expression, infix: Infix) -> Expression:
        operands, marks = [left], []
        while self.dialect.infix.get(self._next().type) == infix:
            marks.append(self._take().type)
            operands.append(self._expression(infix.binding + 1))
        return build.chain(tuple(operands), tuple(marks), _between(operands[0], operands[-1]))

    def _choice(self, condition: Expression) -> Expression:
        yes = self._expression(0)
        if self._next().type != "COLON":
            self._stop("AF101", "a choice lacks its `:`", "write `test ? yes : no`")
        self._take()
        no = self._expression(1)
        return build.choice(condition, yes, no, _between(condition, no))

    def _refuse_chain(self, infix: Infix, start: int) -> None:
        """Refuse a second comparison behind the value that begins at the token ``start``."""
        if self.dialect.infix.get(self._next().type) == infix:
            both = next((mark for mark, type_ in self.dialect.marks.items() if type_ == "AND"), "&")
            logic = [token for token in self.tokens[start : self.at] if token.type in _LOGIC]
            help_ = f"write `(a < b) {both} (b < c)`"
            if logic and self.dialect.infix["AND"].binding > infix.binding:
                mark = logic[0].text
                help_ = f"`{mark}` binds tighter than a comparison: write `(a < b) {mark} (c < d)`"
            self._stop("AF117", "comparisons do not chain", help_)

    def _prefixed(self) -> Expression:
        token = self._next()
        operator = self.dialect.prefix.get(token.type)
        if operator is None:
            return self._atom()
        self._take()
        operand = self._expression(self.dialect.prefix_binding)
        span = Span(token.start, operand.span.end)
        return build.unary(operator, operand, span) if operator else build.spanning(operand, span)

    def _atom(self) -> Expression:
        token = self._take()
        if token.type == "NUMBER":
            return build.number(token.text, token.span)
        if token.type == "STRING":
            return Quote(token.text, token.span)
        if token.type == "LPAR":
            inner = self._expression(0)
            closing = self._closing()
            return build.spanning(inner, Span(token.start, closing.end))
        if token.type == "NAME":
            is_call = self._next().type == "LPAR"
            if not is_call or token.text not in self.dialect.rules:
                self._check_word(token)
            if is_call:
                return self._call(token)
            return Name(token.text, token.span)
        self.at -= 1
        return self._missing(token)

    def _call(self, name: Token) -> Expression:
        self._take()
        arguments: list[Argument] = []
        while self._next().type != "RPAR":
            arguments.append(self._argument())
            if self._next().type != "COMMA":
                break
            self._take()
        closing = self._closing()
        return build.call(name.text, name.span, tuple(arguments), Span(name.start, closing.end))

    def _argument(self) -> Argument:
        if self._next().type == "NAME" and self._next(1).type == "ASSIGN":
            name = self._take()
            self._take()
            return Argument(name.text, name.span, self._expression(0))
        value = self._expression(0)
        return Argument("", value.span, value)

    def _closing(self) -> Token:
        if self._next().type != "RPAR":
            self._unexpected(self._next())
        return self._take()

    # Tokens

    def _next(self, ahead: int = 0) -> Token:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else self.last

    def _take(self) -> Token:
        token = self._next()
        self.at += 1
        return token

    # What is wrong

    def _check_word(self, token: Token) -> None:
        """Report a word that is a mark in other languages."""
        stranger = self.dialect.strangers.get(token.text)
        if stranger is not None:
            message = f"`{token.text}` is not part of {self.dialect.title}"
            self._stop("AF250", message, stranger.help, token, stranger.meant)

    def _missing(self, found: Token) -> NoReturn:
        before = self.tokens[self.at - 1] if 0 < self.at <= len(self.tokens) else None
        behind = f" after `{echo(before.text)}`" if before is not None else ""
        where = f", before {_shown(found)}"
        self._stop(
            "AF101", f"a value is missing{behind}{where}", "write a field or a formula there"
        )

    def _unexpected(self, found: Token) -> NoReturn:
        if found.type == "NAME" and found.text in self.dialect.strangers:
            self._check_word(found)
        if found.type == "ASSIGN" and "ASSIGN" not in self.dialect.infix:
            self._stop("AF116", "`=` does not compare", "equality is written `==`", found, "==")
        if found.type == "LPAR":
            self._stop("AF101", "`(` follows a value", "a product needs its `*`: `2 * (x + 1)`")
        if found.type in {"NAME", "NUMBER", "STRING"}:
            message = f"{_shown(found)} follows a value, with no operator between them"
            self._stop("AF101", message, "write an operator between, or `,` between arguments")
        self._stop("AF101", f"{_shown(found)} is not expected here", "remove it")

    def _stop(
        self, code: str, message: str, help_: str, token: Token | None = None, meant: str = ""
    ) -> NoReturn:
        span = (token or self._next()).span
        fix = Fix(span, meant) if meant else None
        self.faults.error(code, message, span, help_, fix)
        raise _Stop


def read_tokens(
    tokens: list[Token], text: str, dialect: Dialect, faults: Faults
) -> tuple[tuple[Definition, ...], Expression | None]:
    """Read a text that was cut into tokens; report what is wrong and return no formula then."""
    if not tokens:
        if not faults.has_errors:
            faults.error("AF109", "the text is empty", Span(0, 0), "write a formula")
        return (), None
    if not brackets_fit(tokens, faults):
        return (), None
    return Climber(tokens, len(text.rstrip()), dialect, faults).text()


def _between(left: Expression, right: Expression) -> Span:
    return Span(left.span.start, right.span.end)


def _shown(token: Token) -> str:
    return "the end" if token.type == "$END" else f"`{echo(token.text)}`"
