"""``min(max(x, 0), 1)`` is ``max(min(x, 1), 0)``, and ``max(min(x, 5), x)`` is ``x``.

``max(min(x, y), x)`` is not ``x``: it is missing where ``y`` is.
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table
from ..terms import OPPOSITE


@rewrite(*OPPOSITE)
def clamps(node: Node, table: Table) -> Node:
    """Put the lower bound outside, and drop a bound that the value itself overrules."""
    inputs = inputs_of(node)
    kept = [item for item in inputs if not _is_overruled(item, inputs, node.name)]
    if len(kept) < len(inputs):
        return kept[0] if len(kept) == 1 else table.node(node.name, *kept)
    number, rest = _split(inputs)
    if node.name != "min" or number is None or len(rest) != 1 or rest[0].name != "max":
        return node
    low, inner = _split(inputs_of(rest[0]))
    if low is None or not inner or low.value > number.value:
        return node
    value = inner[0] if len(inner) == 1 else table.node("max", *inner)
    return table.node("max", table.node("min", value, number), low)


def _is_overruled(item: Node, others: tuple[Node, ...], name: str) -> bool:
    if item.name != OPPOSITE[name]:
        return False
    _, inner = _split(inputs_of(item))
    return len(inner) == 1 and len(inputs_of(item)) > 1 and any(o is inner[0] for o in others)


def _split(inputs: tuple[Node, ...]) -> tuple[Constant | None, list[Node]]:
    numbers = [item for item in inputs if isinstance(item, Constant)]
    rest = [item for item in inputs if not isinstance(item, Constant)]
    return (numbers[0] if len(numbers) == 1 else None), rest
