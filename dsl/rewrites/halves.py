"""``x / 2`` is ``0.5 * x``: a power of two has an exact inverse, so both round alike."""

import math

from ..nodes import Constant, Node
from ..shape import inputs_of
from ..table import Table

EXPONENT_MAX = 1000


def halves(node: Node, table: Table) -> Node:
    """Turn a division by a power of two into a product."""
    if node.name != "div":
        return node
    over, under = inputs_of(node)
    if not isinstance(under, Constant) or isinstance(over, Constant):
        return node
    fraction, exponent = math.frexp(under.value)
    if abs(fraction) != 0.5 or abs(exponent) > EXPONENT_MAX:  # noqa: PLR2004  # Half: frexp's one.
        return node
    return table.node("mul", table.constant(1.0 / under.value), over)
