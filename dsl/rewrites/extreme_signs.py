"""``max(-x, -y)`` is ``-min(x, y)``: one sign, in front."""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, negated
from ..terms import OPPOSITE, opposite


@rewrite(*OPPOSITE)
def extreme_signs(node: Node, table: Table) -> Node:
    """Take a sign that all terms have, numbers aside, out of an extreme."""
    terms = inputs_of(node)
    others = [term for term in terms if not isinstance(term, Constant)]
    if not others or any(negated(term) is None for term in others):
        return node
    turned = (opposite(term, table) for term in terms)
    return table.node("neg", table.node(OPPOSITE[node.name], *turned))
