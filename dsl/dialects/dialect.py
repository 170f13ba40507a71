"""What a dialect is: its marks, how tightly they bind, and its tables of names."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..lexer import OPERATORS
from ..syntax import Expression, Name
from .rule import Rule

if TYPE_CHECKING:
    from .lowering import Lowering

Shape: TypeAlias = Literal["chain", "comparison", "power", "choice"]


@dataclass(frozen=True, slots=True)
class Infix:
    """A mark between two values; higher binds tighter."""

    binding: int
    shape: Shape


@dataclass(frozen=True, slots=True)
class Stranger:
    """A mark or word of another language: what to write here, and what takes its place."""

    help: str
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a text of the dialect is told once: where this language differs from its own system."""

    code: str
    message: str
    help: str


def _as_it_is(_lowering: "Lowering", name: Name) -> Expression:
    return name


def _nothing(_expression: Expression) -> frozenset[int]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect, all of it data but the few hooks that look at more than one name.

    ``value`` says what a word that stands for a value means; ``prepare`` returns the identities of
    parts whose meaning depends on what stands around them.
    """

    name: str
    title: str
    marks: Mapping[str, str]
    infix: Mapping[str, Infix]
    prefix: Mapping[str, str]  # the operator each sign stands for; empty: none
    prefix_binding: int
    rules: Mapping[str, Rule] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    strangers: Mapping[str, Stranger] = field(default_factory=dict)
    comparison_notes: tuple[str, ...] = ()
    value: "Callable[[Lowering, Name], Expression | None]" = _as_it_is
    prepare: Callable[[Expression], AbstractSet[int]] = _nothing
    name_shape: str = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?"
    comment_shape: str = r"\#[^\n]*"
    is_case_blind: bool = False
    has_statements: bool = False
    knows_catalogue: bool = True  # names of the language are understood beside its own


def same_marks(*marks: str) -> dict[str, str]:
    """Return marks that mean what they mean in the language, by their text."""
    return {mark: OPERATORS[mark] for mark in marks}


# Marks that all dialects share with the language.
SHARED = ("<=", ">=", "==", "!=", "<", ">", "=", "+", "-", "*", "/", ",", "(", ")")
# C's marks and their order, with `^` for powers: the paper's and BRAIN's.
C_MARKS = {**same_marks(*SHARED, "||", "&&", "^", "?", ":"), "!": "NOT"}
C_INFIX = {
    "QUESTION": Infix(1, "choice"),
    "OR": Infix(2, "chain"),
    "AND": Infix(3, "chain"),
    **dict.fromkeys(("EQ", "NE"), Infix(4, "comparison")),
    **dict.fromkeys(("LT", "LE", "GT", "GE"), Infix(5, "comparison")),
    **dict.fromkeys(("PLUS", "MINUS"), Infix(6, "chain")),
    **dict.fromkeys(("STAR", "SLASH"), Infix(7, "chain")),
    "CARET": Infix(9, "power"),
}
C_PREFIX = {"MINUS": "neg", "PLUS": "", "NOT": "not_"}
C_PREFIX_BINDING = 8
# What people write out of habit.
C_STRANGERS = {
    "and": Stranger("both are joined by `&&`", "&&"),
    "or": Stranger("either is `||`", "||"),
    "not": Stranger("the opposite is `!x`", "!"),
    "**": Stranger("a power is written `x ^ 2`", "^"),
    "&": Stranger("both are joined by `&&`", "&&"),
    "|": Stranger("either is `||`", "||"),
    "~": Stranger("the opposite is `!x`", "!"),
    "//": Stranger("a quotient is written `x / y`, a comment `# ...`", "/"),
    "if": Stranger("a choice is written `test ? yes : no`"),
    "else": Stranger("a choice is written `test ? yes : no`"),
    "|>": Stranger("pipes are of the dialect `af`: write `f(x)`"),
    "$": Stranger("a field is named without `$`", ""),
    "%": Stranger("write shares as numbers: `0.2`"),
    "[": Stranger("an earlier value is `delay(x, 1)`; arguments stand in round brackets"),
    "]": Stranger("arguments stand in round brackets"),
    "{": Stranger("only the dialect `af` has strategies"),
    "}": Stranger("only the dialect `af` has strategies"),
    "'": Stranger("close the string on its own line"),
    "@": Stranger("remove it"),
}
