"""``1 + x + 2`` is ``x + 3``: constants are joined, where the machine's answer is exact.

Only what IEEE 754 rounds correctly is folded; powers and logarithms differ between C libraries.
"""

import math
from collections.abc import Callable
from fractions import Fraction

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table

_JOINED: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": lambda left, right: left + right,
    "mul": lambda left, right: left * right,
    "max": max,
    "min": min,
    "and_": lambda left, right: left and right,
    "or_": lambda left, right: left or right,
}
_FOLDED: dict[str, Callable[..., float]] = {
    "abs": abs,
    "div": lambda left, right: left / right,
    "sqrt": math.sqrt,
    "ceil": lambda x: float(math.ceil(x)),
    "floor": lambda x: float(math.floor(x)),
    "round": lambda x: float(round(x)),
    "sign": lambda x: float((x > 0) - (x < 0)),
    "lt": lambda left, right: float(left < right),
    "le": lambda left, right: float(left <= right),
    "gt": lambda left, right: float(left > right),
    "ge": lambda left, right: float(left >= right),
    "eq": lambda left, right: float(left == right),
    "ne": lambda left, right: float(left != right),
    "not_": lambda x: float(x == 0),
}


@rewrite(*_JOINED, *_FOLDED, rounds=True)
def fold(node: Node, table: Table) -> Node:
    """Compute with constants."""
    if node.name in _JOINED:
        return _join(node, table)
    values = _values(inputs_of(node))
    if len(values) < len(inputs_of(node)):
        return node
    try:
        result = _FOLDED[node.name](*values)
    except (ArithmeticError, ValueError):
        # The kernel says NaN there, and NaN is no constant of the language.
        return node
    return table.constant(result) if math.isfinite(result) else node


def _join(node: Node, table: Table) -> Node:
    inputs = inputs_of(node)
    values = _values(inputs)
    if len(values) < 2:  # noqa: PLR2004  # One constant is joined with nothing.
        return node
    exact = Fraction(values[0])
    for value in values[1:]:
        exact = _JOINED[node.name](exact, Fraction(value))
    try:
        joined = float(exact)
    except OverflowError:
        return node
    if joined == 0.0 and exact != 0:
        # Too small for float64: leave it as written.
        return node
    rest = [item for item in inputs if not isinstance(item, Constant)]
    constant = table.constant(joined)
    return table.node(node.name, *rest, constant) if rest else constant


def _values(inputs: tuple[Node, ...]) -> list[float]:
    return [item.value for item in inputs if isinstance(item, Constant)]
