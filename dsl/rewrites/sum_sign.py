"""``--x`` is ``x``, and ``-(a + b)`` is ``-a - b``: rounding is the same on both sides of zero."""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, is_zero
from ..terms import opposite


@rewrite("neg")
def sum_sign(node: Node, table: Table) -> Node:
    """Move a sign into a sum, off a sign, into a number."""
    inner = inputs_of(node)[0]
    if isinstance(inner, Constant):
        return table.constant(-inner.value)
    if inner.name == "neg":
        return inputs_of(inner)[0]
    if is_zero(inner):
        return inner
    if inner.name == "add":
        return table.node("add", *(opposite(term, table) for term in inputs_of(inner)))
    return node
