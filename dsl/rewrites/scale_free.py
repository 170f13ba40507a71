"""``zscore(2 * x)`` is ``zscore(x)``, and ``ts_mean(2 * x, 24)`` is ``2 * ts_mean(x, 24)``.

For powers of two only: other factors round. A value near the ends of float64 may overflow or
underflow in one form alone (``laws``).
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of, shape_of
from ..table import Table
from ..terms import is_power_of_two


def _has_a_law(cls: type[Node]) -> bool:
    # A number stands inside a sign and among the factors it is of; ``quotients`` gathers its own.
    return cls.name not in {"mul", "neg", "div"} and bool(cls.laws.scale_free or cls.laws.scaled)


@rewrite(where=_has_a_law)
def scale_free(node: Node, table: Table) -> Node:
    """Drop powers of two where they do not matter, and take them out where they pass through."""
    laws = type(node).laws
    over: list[Node] = []
    factor = 1.0
    is_changed = False
    for name, item in zip(shape_of(type(node)).inputs, inputs_of(node), strict=True):
        passes = name in laws.scaled
        inner, found = _unscaled(item, table) if passes or name in laws.scale_free else (item, 1.0)
        over.append(inner)
        is_changed |= inner is not item
        factor *= found if passes else 1.0
    if not is_changed:
        return node
    made = table.over(node, tuple(over))
    return made if factor == 1.0 else table.node("mul", table.constant(factor), made)


def _unscaled(node: Node, table: Table) -> tuple[Node, float]:
    if node.name != "mul":
        return node, 1.0
    first, *rest = inputs_of(node)
    if not isinstance(first, Constant) or not is_power_of_two(first.value):
        return node, 1.0
    return rest[0] if len(rest) == 1 else table.node("mul", *rest), first.value
