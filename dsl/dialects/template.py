"""Formulas of the tables, read once and filled with the arguments of a call."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from ...core.diagnostics import Span
from ..faults import Faults
from ..syntax import (
    Argument,
    Binary,
    Call,
    Chain,
    Choice,
    Expression,
    Literal,
    Name,
    Quote,
    Unary,
    inputs_of,
)
from . import build
from .climb import read_tokens
from .dialect import C_INFIX, C_MARKS, C_PREFIX, C_PREFIX_BINDING, Dialect
from .lexis import tokens_of

# Tables write what formulas mean in the language itself, without pipes.
_OWN = Dialect("table", "the tables", C_MARKS, C_INFIX, C_PREFIX, C_PREFIX_BINDING)
# What fills a hole: one value, or several where an operator takes any number.
Filling = Expression | tuple[Expression, ...]


@lru_cache(maxsize=1024)
def parsed(text: str) -> Expression:
    """Read a formula of a table.

    Raises:
        AssertionError: when it is none.
    """
    faults = Faults()
    _, expression = read_tokens(tokens_of(text, _OWN, faults), text, _OWN, faults)
    assert expression is not None, f"a table holds `{text}`: {faults.found}"
    return expression


def uses(template: Expression) -> Mapping[str, int]:
    """Count how often each name stands in a formula."""
    found: dict[str, int] = {}
    stack = [template]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            found[part.name] = found.get(part.name, 0) + 1
        stack.extend(inputs_of(part))
    return found


def filled(
    template: Expression, holes: Mapping[str, Filling], span: Span, name_span: Span
) -> Expression:
    """Put values in place of names; what the formula itself adds stands where the call stands."""
    return _Filler(holes, span, name_span).fill(template)


class _Filler:
    """Walks one formula of a table; they are a few levels deep."""

    def __init__(self, holes: Mapping[str, Filling], span: Span, name_span: Span) -> None:
        self.holes = holes
        self.span = span
        self.name_span = name_span
        self.by_type: Mapping[type, Callable[..., Expression]] = {
            Name: self._name,
            Literal: lambda part: build.number(part.text, span),
            Quote: lambda part: Quote(part.text, span),
            Unary: self._unary,
            Chain: self._chain,
            Binary: self._binary,
            Choice: self._choice,
            Call: self._call,
        }

    def fill(self, part: Expression) -> Expression:
        """Fill one part."""
        return self.by_type[type(part)](part)

    def _name(self, part: Name) -> Expression:
        value = self.holes.get(part.name, Name(part.name, self.span))
        assert not isinstance(value, tuple), "only the arguments of a call take several values"
        return value

    def _unary(self, part: Unary) -> Expression:
        return build.unary(part.operator, self.fill(part.operand), self.span)

    def _chain(self, part: Chain) -> Expression:
        return build.chain(tuple(map(self.fill, part.operands)), part.marks, self.span)

    def _binary(self, part: Binary) -> Expression:
        return build.binary(part.operator, self.fill(part.left), self.fill(part.right), self.span)

    def _choice(self, part: Choice) -> Expression:
        condition, yes, no = map(self.fill, (part.condition, part.yes, part.no))
        return build.choice(condition, yes, no, self.span)

    def _call(self, part: Call) -> Expression:
        arguments: list[Argument] = []
        for argument in part.arguments:
            value = argument.value
            several = self.holes.get(value.name) if isinstance(value, Name) else None
            items = several if isinstance(several, tuple) else (self.fill(value),)
            arguments.extend(Argument(argument.name, item.span, item) for item in items)
        return build.call(part.name, self.name_span, tuple(arguments), self.span)
