"""``not not c`` is ``c``, and ``not (a and b)`` is ``not a or not b``; all are 0, 1 or missing.

Each side is missing where an operand is, whatever the others say, so De Morgan's laws hold.
"""

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table

_OTHER = {"and_": "or_", "or_": "and_"}


@rewrite("not_")
def logic(node: Node, table: Table) -> Node:
    """Drop a double ``not``, and move one into ``and`` and ``or``."""
    inner = inputs_of(node)[0]
    if inner.name == "not_":
        return inputs_of(inner)[0]
    if inner.name not in _OTHER:
        return node
    return table.node(_OTHER[inner.name], *(table.node("not_", item) for item in inputs_of(inner)))
