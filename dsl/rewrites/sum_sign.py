"""``--x`` is ``x``, and ``-(a + b)`` is ``-a - b``: rounding is the same on both sides of zero."""

from ..nodes import Constant, Node
from ..shape import inputs_of
from ..table import Table, is_zero, negated


def sum_sign(node: Node, table: Table) -> Node:
    """Move a sign into a sum, off a sign, into a number."""
    inner = negated(node)
    if inner is None:
        return node
    if isinstance(inner, Constant):
        return table.constant(-inner.value)
    if inner.name == "neg":
        return inputs_of(inner)[0]
    if is_zero(inner):
        return inner
    if inner.name == "add":
        return table.node("add", *(opposite(term, table) for term in inputs_of(inner)))
    return node


def opposite(node: Node, table: Table) -> Node:
    """Return a node of the opposite value, with at most one sign in front."""
    if isinstance(node, Constant):
        return table.constant(-node.value)
    inner = negated(node)
    return table.node("neg", node) if inner is None else inner
