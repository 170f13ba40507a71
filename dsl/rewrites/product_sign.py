"""``-a * b`` is ``-(a * b)``, and ``(b - a) * c`` is ``-((a - b) * c)``: one sign, in front."""

from ..nodes import Constant, Node
from ..shape import inputs_of
from ..table import Table, is_zero, negated
from .sum_sign import opposite


def product_sign(node: Node, table: Table) -> Node:
    """Take the signs of factors out of a product or quotient."""
    if node.name not in {"mul", "div"}:
        return node
    factors = [unsigned(factor, table) for factor in inputs_of(node)]
    if all(sign > 0 for _, sign in factors):
        return node
    product = table.node(node.name, *(factor for factor, _ in factors))
    is_negative = sum(sign < 0 for _, sign in factors) % 2 == 1
    return table.node("neg", product) if is_negative and not is_zero(product) else product


def unsigned(node: Node, table: Table) -> tuple[Node, int]:
    """Return a node without its sign, and the sign; the first term that has one gives a sum's."""
    inner = negated(node)
    if inner is not None:
        return inner, -1
    if isinstance(node, Constant):
        # Zero keeps its place: the sign of a zero has no meaning here.
        return (table.constant(-node.value), -1) if node.value < 0 else (node, 1)
    signed = [term for term in inputs_of(node) if not is_zero(term)]
    if node.name == "add" and signed and _is_negative(signed[0]):
        terms = (opposite(term, table) for term in inputs_of(node))
        return table.node("add", *terms), -1
    return node, 1


def _is_negative(term: Node) -> bool:
    return term.name == "neg" or (isinstance(term, Constant) and term.value < 0)
