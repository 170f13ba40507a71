"""Macros: operators that are formulas of other operators, and are written out when bound.

A macro is a text such as ``ts_av_diff(x, bars) = x - ts_mean(x, bars)``; an argument may have a
number or a string as its default. A formula that uses one and the formula it stands for are the
same formula, with one canonical form and one fingerprint.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from ..core.errors import ConflictError
from ..core.registry import Registry
from .faults import Faults
from .lexer import Token, tokenize
from .nodes import Parameter
from .shape import Shape
from .syntax import Definition, Domain, Expression, Form, Literal, Quote, Settings

# What a default may be written as, and what it is then.
_DEFAULTS: Mapping[str, Callable[[Token], Expression]] = {
    "NUMBER": lambda token: Literal(Form.NUMBER, token.text, token.span),
    "STRING": lambda token: Quote(token.text, token.span),
}


# Compared by identity: one macro has one object.
@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """An operator that is a formula; ``text`` says how it is called and what it stands for."""

    name: str
    text: str
    doc: str
    example: str
    shape: Shape
    defaults: Mapping[str, Expression]
    body: tuple[Token, ...]

    @property
    def formula(self) -> str:
        """Return the formula that it stands for."""
        return self.text[self.body[0].start : self.body[-1].end]

    def calls(self) -> frozenset[str]:
        """Return the operators and macros that it names."""
        before = (None, *self.body[:-1])
        after = (*self.body[1:], None)
        return frozenset(
            token.text
            for token, left, right in zip(self.body, before, after, strict=True)
            if token.type == "NAME"
            and ((right and right.type == "LPAR") or (left and left.type == "PIPE"))
        )


MACROS: Registry[Macro] = Registry("macro")


def macro(place: str, text: str, *, doc: str, example: str) -> Macro:
    """Make a macro of its text and register it; ``place`` is the name of its module.

    Raises:
        ConflictError: when the text is not written ``name(x, y, limit=0.5) = formula``.
    """
    tokens = _tokens(text)
    at = next((at for at, token in enumerate(tokens) if token.type == "RPAR"), 0)
    head, rest = tokens[:at], tokens[at + 1 :]
    is_head = len(head) > 2 and (head[0].type, head[1].type) == ("NAME", "LPAR")  # noqa: PLR2004
    if not is_head or len(rest) < 2 or rest[0].type != "ASSIGN":  # noqa: PLR2004
        raise _unreadable(text)
    names, defaults, shown = _arguments(head[2:], text)
    made = Macro(
        name=head[0].text,
        text=text,
        doc=doc,
        example=example,
        shape=Shape(
            arguments=names,
            takes=dict.fromkeys(names, Parameter.NODE),
            defaults=shown,
            inputs=(),
            parameters=(),
            variadic="",
        ),
        defaults=defaults,
        body=tuple(rest[1:]),
    )
    MACROS.add(made.name, made, place)
    return made


@cache
def body_of(macro: Macro) -> Expression:
    """Return the formula that a macro stands for, parsed when first asked for.

    Raises:
        ConflictError: when it is no formula.
    """
    from .parser import parse

    faults = Faults()
    body = parse(macro.body, "expression", len(macro.text), faults)
    if body is None or isinstance(body, (Definition, Domain, Settings)):
        raise _unreadable(macro.text)
    return body


def check_macros(macros: Mapping[str, Macro], known: Collection[str]) -> None:
    """Make sure that macros name what there is, and that none stands for itself.

    Raises:
        ConflictError: naming the first that does.
    """
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in trail:
            shown = " uses ".join(f"`{word}`" for word in (*trail[trail.index(name) :], name))
            raise ConflictError(f"a macro stands for itself: {shown}")
        if name in done:
            return
        for word in sorted(macros[name].calls()):
            if word in macros:
                visit(word, (*trail, name))
            elif word not in known:
                raise ConflictError(f"the macro `{name}` names `{word}`, which is not known")
        done.add(name)

    for name in sorted(macros):
        visit(name, ())


def _tokens(text: str) -> list[Token]:
    faults = Faults()
    tokens = tokenize(text, faults)
    if faults.has_errors:
        raise _unreadable(text)
    return tokens


def _arguments(
    tokens: list[Token], text: str
) -> tuple[tuple[str, ...], dict[str, Expression], dict[str, object]]:
    """Return the names of the arguments, their defaults, and how these are shown."""
    names: list[str] = []
    defaults: dict[str, Expression] = {}
    shown: dict[str, object] = {}
    for part in _split(tokens):
        match [token.type for token in part]:
            case ["NAME"]:
                names.append(part[0].text)
            case ["NAME", "ASSIGN", kind] if kind in _DEFAULTS:
                names.append(part[0].text)
                default = part[2]
                defaults[part[0].text] = _DEFAULTS[kind](default)
                shown[part[0].text] = float(default.text) if kind == "NUMBER" else default.text
            case _:
                raise _unreadable(text)
    if len(set(names)) < len(names):
        raise _unreadable(text)
    return tuple(names), defaults, shown


def _split(tokens: list[Token]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.type == "COMMA":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _unreadable(text: str) -> ConflictError:
    return ConflictError(f"`{text}` is no macro", help="write `name(x, bars, limit=0.5) = formula`")
