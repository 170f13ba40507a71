"""``open + close`` is ``close + open``: operands that may change places stand in one order."""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, negated


@rewrite(where=lambda cls: cls.is_commutative, rounds=True)
def order(node: Node, table: Table) -> Node:
    """Sort the inputs of a commutative operator, numbers first in products and last elsewhere."""
    inputs = inputs_of(node)
    ordered = tuple(sorted(inputs, key=lambda item: _place(node, item, table)))
    return table.over(node, ordered)


def _place(node: Node, item: Node, table: Table) -> tuple[bool, str, bool]:
    is_number = isinstance(item, Constant)
    inner = negated(item)
    # A term stands where it would stand without its sign, so that signs can change in place.
    key = table.key(item if inner is None else inner)
    return is_number != (node.name == "mul"), key, inner is not None
