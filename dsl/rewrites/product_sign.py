"""``-a * b`` is ``-(a * b)``, and ``(b - a) * c`` is ``-((a - b) * c)``: one sign, in front."""

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, is_zero
from ..terms import unsigned


@rewrite("mul", "div")
def product_sign(node: Node, table: Table) -> Node:
    """Take the signs of factors out of a product or quotient."""
    factors = [unsigned(factor, table) for factor in inputs_of(node)]
    if all(sign > 0 for _, sign in factors):
        return node
    product = table.node(node.name, *(factor for factor, _ in factors))
    is_negative = sum(sign < 0 for _, sign in factors) % 2 == 1
    return table.node("neg", product) if is_negative and not is_zero(product) else product
