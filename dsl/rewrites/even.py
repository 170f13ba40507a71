"""``abs(-x)`` is ``abs(x)``."""

from ..nodes import Node
from ..shape import inputs_of
from ..table import Table
from .product_sign import unsigned


def even(node: Node, table: Table) -> Node:
    """Drop the sign under ``abs``."""
    if node.name != "abs":
        return node
    inner, sign = unsigned(inputs_of(node)[0], table)
    return table.node("abs", inner) if sign < 0 else node
