"""``(a + b) + c`` is ``a + b + c``: a sum of sums is one sum, in one order (E7).

An inner sum is seen through its sign and its lag as well, an extreme through the sign that turns
it: ``delay(a + b, 1) + c`` is ``delay(a, 1) + delay(b, 1) + c``. Extremes and logic are exact in
any grouping; sums and products round in another order.
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, negated
from ..terms import ASSOCIATIVE, OPPOSITE, bars_of, lag_of, opposite

# What an operator is of the opposites.
_TURNED = {"add": "add", **OPPOSITE}


@rewrite(*ASSOCIATIVE, rounds=True)
def flatten(node: Node, table: Table) -> Node:
    """Take the inputs of an input of the same operator."""
    inputs = inputs_of(node)
    if all(item.name not in {node.name, "neg", "delay"} for item in inputs):
        return node
    others = [item for item in inputs if not isinstance(item, Constant)]
    # A lag that all have comes out as one (``lags``); only of mixed ones is there more than one.
    is_mixed = len(others) > 1 and min(lag_of(item) for item in others) == 0
    flat: list[Node] = []
    for item in inputs:
        flat.extend(_spread(node.name, item, table, is_mixed=is_mixed))
    return node if len(flat) == len(inputs) else table.node(node.name, *flat)


def _spread(name: str, item: Node, table: Table, *, is_mixed: bool) -> tuple[Node, ...]:
    if item.name == name:
        return inputs_of(item)
    inner = negated(item)
    body = item if inner is None else inner
    is_lagged = body.name == "delay" and is_mixed
    root = inputs_of(body)[0] if is_lagged else body
    # A sum's own sign is inside it already; a sign in front turns one extreme into the other.
    wanted = name if inner is None else _TURNED.get(name)
    if root.name != wanted:
        return (item,)
    parts = inputs_of(root)
    if is_lagged:
        parts = tuple([table.node("delay", part, bars=bars_of(body)) for part in parts])
    return parts if inner is None else tuple([opposite(part, table) for part in parts])
