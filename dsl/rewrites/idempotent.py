"""``abs(abs(x))`` is ``abs(x)``, and ``max(x, x, y)`` is ``max(x, y)``."""

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of, parameters_of
from ..table import Table

_UNIQUE = frozenset({"max", "min", "and_", "or_"})


def _is_once(cls: type[Node]) -> bool:
    return cls.laws.once or cls.name in _UNIQUE


@rewrite(where=_is_once)
def idempotent(node: Node, table: Table) -> Node:
    """Do once what twice does not change."""
    inputs = inputs_of(node)
    if type(node).laws.once and inputs[0].name == node.name:
        return inputs[0] if parameters_of(inputs[0]) == parameters_of(node) else node
    if node.name in _UNIQUE:
        unique = list({id(item): item for item in inputs}.values())
        if len(unique) < len(inputs):
            return unique[0] if len(unique) == 1 else table.node(node.name, *unique)
    return node
