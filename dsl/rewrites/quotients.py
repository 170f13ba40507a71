"""``x / y * z`` is ``x * z / y``, and ``x / y / z`` is ``x / (y * z)``: one quotient, one number.

Cells stay missing where they were, unless a product on the way leaves float64. ``x / (y / z)``
stays: it is missing where ``z`` is 0, and ``x * z / y`` is not. Two numbers become one where that
one is exact: ``x / 2`` is ``0.5 * x``, but ``x / 10`` is no ``0.1 * x``: the two round apart, and
whole numbers would be lost.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table


@dataclass(slots=True)
class _Parts:
    """What is multiplied and what is divided by, numbers and the rest."""

    over: list[Node] = field(default_factory=list)
    under: list[Node] = field(default_factory=list)
    number: Fraction = Fraction(1)
    divisor: Fraction = Fraction(1)


@rewrite("mul", "div", rounds=True)
def quotients(node: Node, table: Table) -> Node:
    """Gather the factors of a product with quotients in it, and of a quotient with products."""
    parts = _Parts()
    factors = inputs_of(node) if node.name == "mul" else (node,)
    if all(factor.name != "div" for factor in factors):
        return node
    for factor in factors:
        _gather(factor, parts)
    number, divisor = _reduced(parts.number, parts.divisor)
    if 0 in {number, divisor} or not (_is_float(number) and _is_float(divisor)):
        return node
    return _built(parts, float(number), float(divisor), table)


def _gather(factor: Node, parts: _Parts) -> None:
    """Add a factor; quotients above a line are taken apart, below it they stay."""
    waiting = [factor]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Constant):
            parts.number *= Fraction(item.value)
        elif item.name == "mul":
            waiting.extend(reversed(inputs_of(item)))
        elif item.name == "div":
            above, below = inputs_of(item)
            waiting.append(above)
            for divisor in inputs_of(below) if below.name == "mul" else (below,):
                if isinstance(divisor, Constant):
                    parts.divisor *= Fraction(divisor.value)
                else:
                    parts.under.append(divisor)
        else:
            parts.over.append(item)


def _reduced(number: Fraction, divisor: Fraction) -> tuple[Fraction, Fraction]:
    """Make one number of two where it is a float: a factor if it can be, or else a divisor."""
    if number == 0 or divisor == 0:
        return number, divisor
    if _is_float(number / divisor):
        return number / divisor, Fraction(1)
    if _is_float(divisor / number):
        return Fraction(1), divisor / number
    return number, divisor


def _is_float(value: Fraction) -> bool:
    try:
        rounded = float(value)
    except OverflowError:
        return False
    return math.isfinite(rounded) and Fraction(rounded) == value


def _built(parts: _Parts, number: float, divisor: float, table: Table) -> Node:
    """Write ``number * (over / (divisor * under))``; what is 1 is left out."""
    if not parts.over:
        over: Node = table.constant(number)
        number = 1.0
    else:
        over = _product(parts.over, table)
    under = list(parts.under)
    if divisor != 1.0:
        under.insert(0, table.constant(divisor))
    made = table.node("div", over, _product(under, table)) if under else over
    if number == 1.0:
        return made
    factors = inputs_of(made) if made.name == "mul" else (made,)
    return table.node("mul", table.constant(number), *factors)


def _product(factors: list[Node], table: Table) -> Node:
    return factors[0] if len(factors) == 1 else table.node("mul", *factors)
