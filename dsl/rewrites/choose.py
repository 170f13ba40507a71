"""``not c ? a : b`` is ``c ? b : a``, and ``1 ? a : b`` is ``a``."""

from ..nodes import Constant, Node
from ..shape import inputs_of
from ..table import Table


def choose(node: Node, table: Table) -> Node:
    """Take the branch a constant chooses; turn the branches under ``not``."""
    if node.name != "if_else":
        return node
    condition, yes, no = inputs_of(node)
    if isinstance(condition, Constant):
        return yes if condition.value != 0 else no
    if condition.name == "not_":
        return table.node("if_else", inputs_of(condition)[0], no, yes)
    return node
