"""Parts of canonical nodes that rewrites look through: signs, factors of numbers, lags."""

import math
from dataclasses import dataclass

from .nodes import Constant, Node
from .shape import inputs_of
from .table import Table, is_zero, negated

# Sums and the like of sums and the like are one; extremes and logic are exact in any grouping.
ASSOCIATIVE = frozenset({"add", "mul", "and_", "or_", "max", "min"})
# The other extreme, of the opposites.
OPPOSITE = {"max": "min", "min": "max"}
# Within these no product of two factors leaves float64.
EXPONENT_MAX = 500


@dataclass(frozen=True, slots=True)
class Term:
    """A summand: ``sign * size * core``; ``size`` is a positive number."""

    sign: int
    size: float
    core: Node


def bars_of(node: Node) -> int:
    """Return the lag or window of a node that has one."""
    bars = node.bars  # type: ignore[attr-defined]
    assert isinstance(bars, int)
    return bars


def opposite(node: Node, table: Table) -> Node:
    """Return a node of the opposite value, with at most one sign in front."""
    if isinstance(node, Constant):
        return table.constant(-node.value)
    inner = negated(node)
    return table.node("neg", node) if inner is None else inner


def signed(node: Node, sign: int, table: Table) -> Node:
    """Return the node, or its opposite for a negative sign."""
    return node if sign > 0 else opposite(node, table)


def unsigned(node: Node, table: Table) -> tuple[Node, int]:
    """Return a node without its sign, and the sign; the first term that has one gives a sum's."""
    if node.name == "neg":
        return inputs_of(node)[0], -1
    if isinstance(node, Constant):
        # Zero keeps its place: the sign of a zero has no meaning here.
        return (table.constant(-node.value), -1) if node.value < 0 else (node, 1)
    if node.name != "add":
        return node, 1
    first = next((term for term in inputs_of(node) if not is_zero(term)), None)
    if first is not None and _is_negative(first):
        terms = (opposite(term, table) for term in inputs_of(node))
        return table.node("add", *terms), -1
    return node, 1


def _is_negative(term: Node) -> bool:
    return term.name == "neg" or (isinstance(term, Constant) and term.value < 0)


def term_of(node: Node, table: Table) -> Term:
    """Take a summand apart; its inputs are canonical."""
    inner = negated(node)
    sign, body = (1, node) if inner is None else (-1, inner)
    if body.name != "mul":
        return Term(sign, 1.0, body)
    first, *rest = inputs_of(body)
    if not isinstance(first, Constant) or first.value == 0 or isinstance(rest[0], Constant):
        return Term(sign, 1.0, body)
    core = rest[0] if len(rest) == 1 else table.node("mul", *rest)
    return Term(sign if first.value > 0 else -sign, abs(first.value), core)


def joined(sign: int, size: float, core: Node, table: Table) -> Node:
    """Put a summand together."""
    if size != 1.0:
        factors = inputs_of(core) if core.name == "mul" else (core,)
        core = table.node("mul", table.constant(size), *factors)
    return signed(core, sign, table)


def is_power_of_two(value: float) -> bool:
    """Tell whether multiplying by a positive number loses nothing and goes back as well."""
    fraction, exponent = math.frexp(value)
    return fraction == 0.5 and abs(exponent) <= EXPONENT_MAX  # noqa: PLR2004  # frexp's one.


def lag_of(node: Node) -> int:
    """Return how many bars ago all of a node is from; 0 where some of it is of now.

    Signs and numbers have no time, so they are looked through.
    """
    while True:
        if node.name == "delay":
            return bars_of(node)
        inner = _lone(node)
        if inner is None:
            return 0
        node = inner


def shifted(node: Node, bars: int, table: Table) -> Node:
    """Return a node as it is ``bars`` bars later; its lag is at least that."""
    above = []
    while node.name != "delay":
        above.append(node)
        inner = _lone(node)
        assert inner is not None
        node = inner
    rest = bars_of(node) - bars
    made = inputs_of(node)[0]
    if rest:
        made = table.node("delay", made, bars=rest)
    for outer in reversed(above):
        over = [item if isinstance(item, Constant) else made for item in inputs_of(outer)]
        made = table.node(outer.name, *over)
    return made


def _lone(node: Node) -> Node | None:
    """Return the one input that is no number, under a sign or among numbers."""
    if node.name == "neg":
        return inputs_of(node)[0]
    if node.name not in ASSOCIATIVE:
        return None
    found = [item for item in inputs_of(node) if not isinstance(item, Constant)]
    return found[0] if len(found) == 1 else None
