"""The door to lark: tokens of one statement in, syntax out; imported when a text is first compiled.

The tree is built while the parser reduces, so nothing calls itself on long chains.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Never, cast

from lark import Lark, Transformer
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer
from lark.lexer import Token as LarkToken

from ..core.diagnostics import Span
from . import limits
from .faults import Faults
from .lexer import Token, tokenize
from .machine import Machine, StuckError
from .mistakes import report_mistake
from .place import Place
from .syntax import (
    Argument,
    Binary,
    Body,
    Call,
    Chain,
    Choice,
    Definition,
    Domain,
    Expression,
    Form,
    Items,
    Literal,
    Name,
    Quote,
    Setting,
    Settings,
    Unary,
)
from .syntax_examples import EXAMPLES

# How many tokens behind a mistake tell what was meant.
AFTER_MAX = 3
STARTS = (
    "expression",
    "definition",
    "parameter",
    "quoted",
    "requirement",
    "source",
    "settings",
    "days",
)
# The operators that marks stand for; sums and products keep their marks.
OPERATOR_OF = {
    "LT": "lt",
    "LE": "le",
    "GT": "gt",
    "GE": "ge",
    "EQ": "eq",
    "NE": "ne",
    "CARET": "pow",
    "MINUS": "neg",
    "NOT": "not_",
}


class TooDeepError(Exception):
    """A part stands under more parts than the ceiling; never leaves this module."""

    def __init__(self, span: Span) -> None:
        """Keep where."""
        super().__init__()
        self.span = span


def parse(tokens: Sequence[Token], start: str, end: int, faults: Faults) -> Body | None:
    """Read the tokens as one body; report what is wrong and return nothing when they are none.

    ``end`` is where the text goes on, for what is missing there.
    """
    last = Token("$END", "", end, end)
    try:
        return cast("Body", _machine(start).read(tokens, last))
    except StuckError:
        _report_stop(tokens, last, start, faults)
    except TooDeepError as error:
        faults.error(
            "AF127",
            f"the formula is over {limits.DEPTH_MAX} levels deep",
            error.span,
            help="name inner parts with `let`, or write the chain as one call",
        )
    return None


def _report_stop(tokens: Sequence[Token], last: Token, start: str, faults: Faults) -> None:
    """Read again with lark's own parser, which can say what would have been accepted."""
    stop = _stop(tokens, last, start)
    at = stop.at
    before = tokens[at - 1] if at else None
    after = tuple(tokens[at + 1 : at + 1 + AFTER_MAX])
    found = last if at == len(tokens) else tokens[at]
    place = Place(
        found,
        before,
        stop.accepted,
        after,
        shows=_shows(stop.error),
        is_second=at == 1 and start == "expression",
    )
    report_mistake(place, faults)


class _Stop(NamedTuple):
    """Where lark's own parser stops: at which token, in what state, and what it would accept."""

    at: int
    error: UnexpectedToken
    accepted: set[str]


def _stop(tokens: Sequence[Token], last: Token, start: str) -> _Stop:
    parser = _grammar().parse_interactive(start=start)
    for at, token in enumerate((*tokens, last)):
        try:
            parser.feed_token(token)  # type: ignore[arg-type]  # It asks for `type` alone.
        except UnexpectedToken:
            accepted = cast("set[str]", parser.accepts())  # type: ignore[no-untyped-call]
            # A place is one of the table's, however deep it stands, and the kind of token there.
            place = (parser.parser_state.position, token.type)
            error = UnexpectedToken(  # type: ignore[no-untyped-call]
                LarkToken(token.type, token.text), set(), state=place
            )
            return _Stop(at, error, accepted)
    raise AssertionError("lark reads what its own table does not")


def _shows(error: UnexpectedToken) -> str:
    """Return the mistake whose examples end at the place of an error."""
    return error.match_examples(_read_example, EXAMPLES) or ""


def _read_example(text: str) -> Never:
    raise _stop_of_example(text).with_traceback(None)


@lru_cache(maxsize=1024)
def _stop_of_example(text: str) -> UnexpectedToken:
    start = "definition" if text.startswith("let ") else "expression"
    tokens = tokenize(text.removeprefix("let "), Faults())
    return _stop(tokens, Token("$END", "", len(text), len(text)), start).error


@lru_cache(maxsize=len(STARTS))
def _machine(start: str) -> Machine:
    return Machine(_grammar().parse_interactive(start=start).parser_state.parse_conf)


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    return Lark(
        Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8"),
        start=list(STARTS),
        parser="lalr",
        lexer=_NoLexer,
        transformer=_Builder(),
        maybe_placeholders=True,
    )


class _NoLexer(Lexer):
    """Tokens are fed by hand; lark needs a lexer's class all the same."""

    def __init__(self, _configuration: object) -> None:
        pass

    def lex(self, _lexer_state: object, _parser_state: object) -> Iterator[Never]:
        """Give nothing."""
        return iter(())


class _Builder(Transformer[Token, Body]):
    """Make one syntax node of each reduced rule; the methods are the grammar's aliases."""

    def word(self, parts: list[Token]) -> Name:
        """Read a word."""
        return Name(parts[0].text, parts[0].span)

    def literal(self, parts: list[Token]) -> Literal:
        """Read a literal."""
        return Literal(Form[parts[0].type], parts[0].text, parts[0].span)

    def quote(self, parts: list[Token]) -> Quote:
        """Read a string."""
        return Quote(parts[0].text, parts[0].span)

    def bracketed(self, parts: list[object]) -> Expression:
        """Take the brackets off, and keep where they stood."""
        opening, inner, closing = cast("tuple[Token, Expression, Token]", parts)
        return replace(inner, span=Span(opening.start, closing.end))

    def unary(self, parts: list[object]) -> Unary:
        """Read a sign or ``not``."""
        mark, operand = cast("tuple[Token, Expression]", parts)
        span = Span(mark.start, operand.span.end)
        return Unary(OPERATOR_OF[mark.type], operand, span, _over(span, operand))

    def binary(self, parts: list[object]) -> Binary:
        """Read a comparison or a power."""
        left, mark, right = cast("tuple[Expression, Token, Expression]", parts)
        span = Span(left.span.start, right.span.end)
        return Binary(OPERATOR_OF[mark.type], left, right, span, _over(span, left, right))

    def chain(self, parts: list[object]) -> Chain:
        """Read operands with marks between them."""
        operands = cast("tuple[Expression, ...]", tuple(parts[::2]))
        marks = tuple(cast("Token", mark).type for mark in parts[1::2])
        span = Span(operands[0].span.start, operands[-1].span.end)
        return Chain(operands, marks, span, _over(span, *operands))

    def choose(self, parts: list[object]) -> Choice:
        """Read ``condition ? yes : no``."""
        condition, yes, no = cast("tuple[Expression, ...]", tuple(parts[::2]))
        span = Span(condition.span.start, no.span.end)
        return Choice(condition, yes, no, span, _over(span, condition, yes, no))

    def positional(self, parts: list[Expression]) -> Argument:
        """Read an argument by position."""
        return Argument("", parts[0].span, parts[0])

    def named(self, parts: list[object]) -> Argument:
        """Read an argument by name."""
        name, _mark, value = cast("tuple[Token, Token, Expression]", parts)
        return Argument(name.text, name.span, value)

    def arguments(self, parts: list[object]) -> tuple[Argument, ...]:
        """Read the arguments of a call."""
        return tuple(part for part in parts if isinstance(part, Argument))

    def call(self, parts: list[object]) -> Call:
        """Read a call."""
        name, _opening, arguments, closing = cast(
            "tuple[Token, Token, tuple[Argument, ...] | None, Token]", parts
        )
        return _call(name, arguments or (), Span(name.start, closing.end))

    def pipe_word(self, parts: list[object]) -> Call:
        """Read ``x |> f`` as ``f(x)``."""
        value, _mark, name = cast("tuple[Expression, Token, Token]", parts)
        return _call(name, (_piped(value),), Span(value.span.start, name.end))

    def pipe_call(self, parts: list[object]) -> Call:
        """Read ``x |> f(y)`` as ``f(x, y)``."""
        value, _mark, name, _opening, arguments, closing = cast(
            "tuple[Expression, Token, Token, Token, tuple[Argument, ...] | None, Token]", parts
        )
        span = Span(value.span.start, closing.end)
        return _call(name, (_piped(value), *(arguments or ())), span)

    def definition(self, parts: list[object]) -> Definition:
        """Read ``name = value``."""
        name, _mark, value = cast("tuple[Token, Token, Expression]", parts)
        return Definition(name.text, name.span, value)

    def requirement(self, parts: list[Token | None]) -> Settings:
        """Read a pack and, after ``>=``, the least version of it."""
        words = [part for part in parts if part is not None and part.type != "GE"]
        return Settings(subject=tuple(_plain(word) for word in words))

    def feed(self, parts: list[Token | None]) -> Definition:
        """Read a data set, and the alias it is given."""
        alias, _mark, source = parts
        assert source is not None
        if alias is None:
            return Definition("", source.span, _plain(source))
        return Definition(alias.text, alias.span, _plain(source))

    def source(self, parts: list[object]) -> Settings:
        """Read data sets and their settings."""
        feeds = tuple(part for part in parts if isinstance(part, Definition))
        return Settings(settings=_settings(parts), feeds=feeds)

    def days(self, parts: list[object]) -> Settings:
        """Read a range of days and the settings behind it."""
        ends = [part for part in parts if isinstance(part, Token) and part.type == "DATE"]
        return Settings(subject=tuple(map(_plain, ends)), settings=_settings(parts))

    def settings(self, parts: list[object]) -> Settings:
        """Read settings."""
        return Settings(settings=_settings(parts))

    def setting(self, parts: list[object]) -> Setting:
        """Read a word and the value behind it, and perhaps a share behind that."""
        word, value, *shares = cast("tuple[Token, Expression | None, Token | None]", parts)
        share = next((_plain(item) for item in shares if item is not None), None)
        return Setting(word.text, word.span, value, cast("Literal | None", share))

    def items(self, parts: list[object]) -> Items:
        """Read a list."""
        opening, closing = cast("Token", parts[0]), cast("Token", parts[-1])
        values = tuple(cast("Expression", part) for part in parts if not isinstance(part, Token))
        span = Span(opening.start, closing.end)
        return Items(values, span, _over(span, *values))

    def choices(self, parts: list[object]) -> Domain:
        """Read a parameter with a list of values."""
        name, _mark, default, _in, items = cast(
            "tuple[Token, Token, Expression | None, Token, Items]", tuple(parts)
        )
        return Domain(name.text, name.span, default, items.values)

    def range(self, parts: list[object]) -> Domain:
        """Read a parameter with a range of values."""
        name, default = cast("Token", parts[0]), cast("Expression | None", parts[2])
        rest = [part for part in parts[3:] if part is not None and not isinstance(part, Token)]
        values = tuple(cast("Expression", part) for part in rest)
        return Domain(name.text, name.span, default, values, is_range=True)


def _settings(parts: list[object]) -> tuple[Setting, ...]:
    return tuple(part for part in parts if isinstance(part, Setting))


def _plain(token: Token) -> Expression:
    if token.type == "NAME":
        return Name(token.text, token.span)
    if token.type == "STRING":
        return Quote(token.text, token.span)
    return Literal(Form[token.type], token.text, token.span)


def _piped(value: Expression) -> Argument:
    return Argument("", value.span, value)


def _call(name: Token, arguments: tuple[Argument, ...], span: Span) -> Call:
    depth = _over(span, *(argument.value for argument in arguments))
    return Call(name.text, name.span, arguments, span, depth)


def _over(span: Span, *parts: Expression) -> int:
    """Return the depth of a node over these parts.

    Raises:
        TooDeepError: past the ceiling, so that no later walker runs out of stack.
    """
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > limits.DEPTH_MAX:
        raise TooDeepError(span)
    return depth
