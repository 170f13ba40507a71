"""``a > b`` is ``b < a``, and ``not (a < b)`` is ``b <= a``: a missing side is missing in all."""

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table

_TURNED = {"gt": "lt", "ge": "le"}
# The opposite, and whether the sides change places.
_OPPOSITE = {"lt": ("le", True), "le": ("lt", True), "eq": ("ne", False), "ne": ("eq", False)}


@rewrite("gt", "ge", "not_")
def compare(node: Node, table: Table) -> Node:
    """Write comparisons with ``<`` and ``<=``, and without ``not``."""
    if node.name in _TURNED:
        left, right = inputs_of(node)
        return table.node(_TURNED[node.name], right, left)
    if node.name == "not_" and inputs_of(node)[0].name in _OPPOSITE:
        inner = inputs_of(node)[0]
        operator, turns = _OPPOSITE[inner.name]
        left, right = inputs_of(inner)
        return table.node(operator, *((right, left) if turns else (left, right)))
    return node
