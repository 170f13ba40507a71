"""``abs(abs(x))`` is ``abs(x)``, and ``max(x, x, y)`` is ``max(x, y)``."""

from ..nodes import Node
from ..shape import inputs_of, parameters_of
from ..table import Table

# A rank of ranks: the order and the ties are the same, so the shares are.
_ONCE = frozenset({"abs", "sign", "rank"})
_UNIQUE = frozenset({"max", "min", "and_", "or_"})


def idempotent(node: Node, table: Table) -> Node:
    """Do once what twice does not change."""
    inputs = inputs_of(node)
    if node.name in _ONCE and inputs[0].name == node.name:
        return inputs[0] if parameters_of(inputs[0]) == parameters_of(node) else node
    if node.name in _UNIQUE:
        unique = list({id(item): item for item in inputs}.values())
        if len(unique) < len(inputs):
            return unique[0] if len(unique) == 1 else table.node(node.name, *unique)
    return node
