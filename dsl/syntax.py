"""The shape of a text before any name is looked up: what the parser builds, and nothing more.

Sums and products are flat, so that a long chain is wide, not deep; each node knows how deep it
is, and none is built past the ceiling: whoever walks a syntax tree may call itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ..core.diagnostics import Span

NOWHERE = Span(0, 0)
# A name that no text can hold; it stands for a part whose fault has been told.
REFUSED = "()"


class Form(StrEnum):
    """How a literal is written."""

    NUMBER = "number"
    DURATION = "duration"
    PERCENT = "percentage"
    BP = "basis points"
    DATE = "date"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Name:
    """A word that stands for a value."""

    name: str
    span: Span
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, duration, percentage or date, as written."""

    form: Form
    text: str
    span: Span
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Quote:
    """A string."""

    text: str
    span: Span
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x`` or ``not x``; ``operator`` is the operator's catalogue name."""

    operator: str
    operand: "Expression"
    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands with marks between them, read from the left: sums, products, ``and``, ``or``.

    ``marks`` has one entry less than ``operands``.
    """

    operands: "tuple[Expression, ...]"
    marks: tuple[str, ...]
    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison or a power."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? yes : no``."""

    condition: "Expression"
    yes: "Expression"
    no: "Expression"
    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; no name means by position."""

    name: str
    name_span: Span
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Call:
    """``name(arguments)``; what came through a pipe is the first argument."""

    name: str
    name_span: Span
    arguments: tuple[Argument, ...]
    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class Items:
    """``[a, b]``: what a parameter may be, or the names of instruments."""

    values: "tuple[Expression, ...]"
    span: Span
    depth: int = 1


Expression: TypeAlias = Name | Literal | Quote | Unary | Chain | Binary | Choice | Call | Items


@dataclass(frozen=True, slots=True)
class Definition:
    """``name = value``, of a let, a factor or a feature."""

    name: str
    name_span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class Domain:
    """``name = default in [a, b]`` or ``name in low .. high step s``, of a parameter.

    ``values`` are the items of a list, or the ends of a range and perhaps its step.
    """

    name: str
    name_span: Span
    default: Expression | None
    values: tuple[Expression, ...]
    is_range: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A word of a statement, and the value behind it, if any; ``share`` is one behind that."""

    word: str
    span: Span
    value: Expression | None
    share: Literal | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a statement says: perhaps a subject, and its settings in the order of the text.

    It is whole unless a clause was dropped because its word is not known. ``feeds`` are the data
    sets that ``data`` names, each a definition of its alias; without one the alias is empty.
    """

    subject: tuple[Expression, ...] = ()
    settings: tuple[Setting, ...] = ()
    is_whole: bool = True
    feeds: tuple[Definition, ...] = ()


Body: TypeAlias = Expression | Definition | Domain | Settings


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a strategy; ``body`` is nothing when it could not be read.

    ``defines`` is the name a let, factor, feature or parameter is about, read or not.
    """

    keyword: str
    keyword_span: Span
    span: Span
    body: Body | None
    defines: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A parsed text: a bare expression, or the statements of a strategy.

    ``definitions`` are bound in their order before the expression; only dialects have them.
    """

    is_strategy: bool
    name: str = ""
    name_span: Span = NOWHERE
    expression: Expression | None = None
    statements: tuple[Statement, ...] = ()
    definitions: tuple[Definition, ...] = ()


def inputs_of(expression: Expression) -> tuple[Expression, ...]:
    """Return the parts of an expression."""
    if isinstance(expression, Call):
        return tuple(argument.value for argument in expression.arguments)
    if isinstance(expression, Choice):
        return expression.condition, expression.yes, expression.no
    if isinstance(expression, Binary):
        return expression.left, expression.right
    if isinstance(expression, Unary):
        return (expression.operand,)
    if isinstance(expression, (Chain, Items)):
        return expression.operands if isinstance(expression, Chain) else expression.values
    return ()


def names_in(expression: Expression) -> Iterator[Name]:
    """Visit the words that stand for values."""
    stack = [expression]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            yield part
        stack.extend(inputs_of(part))
