"""``x * 1``, ``x + 0``, ``x / 1`` and ``x ^ 1`` are ``x``, missing cells included."""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table

# ``x + 0`` turns -0 into 0, and kernels never leave a -0.
_NEUTRAL = {"add": 0.0, "mul": 1.0, "and_": 1.0, "or_": 0.0}
_RIGHT_NEUTRAL = {"div": 1.0, "pow": 1.0, "signed_power": 1.0}


@rewrite(*_NEUTRAL, *_RIGHT_NEUTRAL)
def identity(node: Node, table: Table) -> Node:
    """Drop what changes nothing."""
    inputs = inputs_of(node)
    if node.name in _RIGHT_NEUTRAL:
        return inputs[0] if _is(inputs[1], _RIGHT_NEUTRAL[node.name]) else node
    neutral = _NEUTRAL[node.name]
    rest = [item for item in inputs if not _is(item, neutral)]
    if len(rest) == len(inputs):
        return node
    if not rest:
        return table.constant(neutral)
    return rest[0] if len(rest) == 1 else table.node(node.name, *rest)


def _is(node: Node, value: float) -> bool:
    return isinstance(node, Constant) and node.value == value
