"""``zscore(-x)`` is ``-zscore(x)``, ``abs(-x)`` is ``abs(x)``, ``ts_min(-x)`` is ``-ts_max(x)``."""

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of, parameters_of, shape_of
from ..table import Table, negated
from ..terms import unsigned


def _has_a_law(cls: type[Node]) -> bool:
    laws = cls.laws
    # Products and signs themselves have rewrites of their own.
    is_own = cls.name in {"mul", "div", "neg"}
    return not is_own and bool(laws.odd or laws.even or laws.mirror or laws.swaps)


@rewrite(where=_has_a_law)
def signs(node: Node, table: Table) -> Node:
    """Take signs out of what is odd, drop them where they do not matter, turn extremes."""
    laws = type(node).laws
    over: list[Node] = []
    sign, is_changed = 1, False
    for name, item in zip(shape_of(type(node)).inputs, inputs_of(node), strict=True):
        is_odd = name in laws.odd
        inner, found = unsigned(item, table) if is_odd or name in laws.even else (item, 1)
        over.append(inner)
        sign *= found if is_odd else 1
        is_changed |= found < 0
    if is_changed:
        made = table.over(node, tuple(over))
        return made if sign > 0 else table.node("neg", made)
    return _turned(node, table)


def _turned(node: Node, table: Table) -> Node:
    laws = type(node).laws
    other = laws.mirror or laws.swaps
    inner = negated(inputs_of(node)[0])
    if inner is None or other not in table.operators:
        return node
    made = table.node(other, inner, *inputs_of(node)[1:], **dict(parameters_of(node)))
    return table.node("neg", made) if laws.mirror else made
