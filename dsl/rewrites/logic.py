"""``not not c`` is ``c``: the operands of ``not`` are 0, 1 or missing."""

from ..nodes import Node
from ..shape import inputs_of
from ..table import Table


def logic(node: Node, _table: Table) -> Node:
    """Drop a double ``not``."""
    if node.name == "not_" and inputs_of(node)[0].name == "not_":
        return inputs_of(inputs_of(node)[0])[0]
    return node
