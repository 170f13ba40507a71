"""``not c ? a : b`` is ``c ? b : a``, ``1 ? a : b`` is ``a``, ``x < 0 ? -x : x`` is ``abs(x)``.

``a <= b ? x : y`` is ``b < a ? y : x``, and ``c ? a : a`` is ``a`` only where ``c`` cannot be
missing without ``a``.
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table
from ..terms import opposite

# Of a condition and its opposite one is asked, by strict order and by sameness.
_TURNED = {"le": "lt", "ne": "eq"}
_PLAIN = frozenset({"lt", "le", "eq", "ne", "and_", "or_", "not_"})


@rewrite("if_else")
def choose(node: Node, table: Table) -> Node:
    """Take the branch a constant chooses; turn the branches under ``not``; name what has a name."""
    condition, yes, no = inputs_of(node)
    if isinstance(condition, Constant):
        return yes if condition.value != 0 else no
    if condition.name == "not_":
        return table.node("if_else", inputs_of(condition)[0], no, yes)
    if condition.name in _TURNED:
        turned = table.node(_TURNED[condition.name], *reversed(inputs_of(condition)))
        return table.node("if_else", turned, no, yes)
    if yes is no:
        return yes if _is_there_with(condition, yes) else node
    if condition.name != "lt":
        return node
    return _named(node, table)


def _named(node: Node, table: Table) -> Node:
    """Name an extreme or a size: in all of them a missing side is missing in the whole."""
    condition, yes, no = inputs_of(node)
    low, high = inputs_of(condition)
    if low is no and high is yes:
        return table.node("max", low, high)
    if low is yes and high is no:
        return table.node("min", low, high)
    value, zero = (low, high) if isinstance(high, Constant) else (high, low)
    if not isinstance(zero, Constant) or zero.value != 0:
        return node
    is_size = no is value and yes is opposite(value, table)
    is_opposite_size = yes is value and no is opposite(value, table)
    if low is not value:
        is_size, is_opposite_size = is_opposite_size, is_size
    if is_size:
        return table.node("abs", value)
    return table.node("neg", table.node("abs", value)) if is_opposite_size else node


def _is_there_with(condition: Node, value: Node) -> bool:
    """Tell whether a condition is made of the value and numbers alone, or never missing."""
    waiting = [condition]
    while waiting:
        node = waiting.pop()
        if node is value or isinstance(node, Constant) or node.name == "is_nan":
            continue
        if node.name not in _PLAIN:
            return False
        waiting.extend(inputs_of(node))
    return True
