"""``(a + b) + c`` is ``a + b + c``: a sum of sums is one sum, in one order (E7)."""

from ..nodes import Node
from ..shape import inputs_of
from ..table import Table

# The extremes and the logic are exact in any grouping; sums and products round in another order.
ASSOCIATIVE = frozenset({"add", "mul", "and_", "or_", "max", "min"})


def flatten(node: Node, table: Table) -> Node:
    """Take the inputs of an input of the same operator."""
    if node.name not in ASSOCIATIVE:
        return node
    inputs = inputs_of(node)
    if all(item.name != node.name for item in inputs):
        return node
    flat: list[Node] = []
    for item in inputs:
        flat.extend(inputs_of(item) if item.name == node.name else (item,))
    return table.node(node.name, *flat)
