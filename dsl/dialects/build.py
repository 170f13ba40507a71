"""Syntax made by hand, each node knowing how deep it is, none past the ceiling."""

from dataclasses import replace
from fractions import Fraction

from ...core.diagnostics import Span
from .. import limits
from ..amounts import amount_of
from ..syntax import (
    Argument,
    Binary,
    Call,
    Chain,
    Choice,
    Expression,
    Form,
    Literal,
    Unary,
)


class TooDeepError(Exception):
    """A part stands under more parts than the ceiling; it never leaves this package."""

    def __init__(self, span: Span) -> None:
        """Keep where."""
        super().__init__()
        self.span = span


def number(text: str, span: Span) -> Literal:
    """Make a number."""
    return Literal(Form.NUMBER, text, span)


def unary(operator: str, operand: Expression, span: Span) -> Unary:
    """Make a sign or a ``not``."""
    return Unary(operator, operand, span, depth_over(span, operand))


def binary(operator: str, left: Expression, right: Expression, span: Span) -> Binary:
    """Make a comparison or a power."""
    return Binary(operator, left, right, span, depth_over(span, left, right))


def chain(operands: tuple[Expression, ...], marks: tuple[str, ...], span: Span) -> Chain:
    """Make a sum, a product, or a row of ``and`` or ``or``."""
    return Chain(operands, marks, span, depth_over(span, *operands))


def choice(condition: Expression, yes: Expression, no: Expression, span: Span) -> Choice:
    """Make a choice."""
    return Choice(condition, yes, no, span, depth_over(span, condition, yes, no))


def call(name: str, name_span: Span, arguments: tuple[Argument, ...], span: Span) -> Call:
    """Make a call."""
    depth = depth_over(span, *(argument.value for argument in arguments))
    return Call(name, name_span, arguments, span, depth)


def spanning(expression: Expression, span: Span) -> Expression:
    """Return an expression that stands somewhere else."""
    return replace(expression, span=span)


def constant_of(expression: Expression) -> Fraction | None:
    """Return the number that an expression is as it is written, or nothing when it is none."""
    if isinstance(expression, Unary) and expression.operator == "neg":
        inner = constant_of(expression.operand)
        return None if inner is None else -inner
    if isinstance(expression, Literal) and expression.form is Form.NUMBER:
        amount = amount_of(expression)
        return None if amount is None else amount.value
    return None


def depth_over(span: Span, *parts: Expression) -> int:
    """Return the depth of a node over these parts.

    Raises:
        TooDeepError: past the ceiling.
    """
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > limits.DEPTH_MAX:
        raise TooDeepError(span)
    return depth
