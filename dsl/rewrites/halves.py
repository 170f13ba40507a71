"""``x / 2`` is ``0.5 * x``: a power of two has an exact inverse, so both round alike."""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table
from ..terms import is_power_of_two, term_of


@rewrite("div")
def halves(node: Node, table: Table) -> Node:
    """Turn a division by a power of two, or by its product with something, into a product."""
    over, under = inputs_of(node)
    if isinstance(under, Constant):
        if isinstance(over, Constant) or not is_power_of_two(abs(under.value)):
            return node
        return table.node("mul", table.constant(1.0 / under.value), over)
    if under.name != "mul":
        return node
    term = term_of(under, table)
    if term.size == 1.0 or not is_power_of_two(term.size):
        return node
    inverse = table.constant(term.sign / term.size)
    return table.node("mul", inverse, table.node("div", over, term.core))
