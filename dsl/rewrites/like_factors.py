"""``x * x`` is ``x ^ 2``, and ``x ^ 2 * x`` is ``x ^ 3``: a power rounds once, a product each time.

Only whole powers of at least 1 are added: ``x ^ -1 * x ^ 2`` is missing at 0, ``x`` is not.
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table

# Above this not each whole number is a float.
EXPONENT_MAX = 2.0**53


@rewrite("mul", "pow", rounds=True)
def like_factors(node: Node, table: Table) -> Node:
    """Count the factors that are the same."""
    if node.name == "pow":
        return _power_of_power(node, table)
    counted: dict[int, tuple[Node, float]] = {}
    for factor in inputs_of(node):
        base, exponent = _power(factor)
        counted[id(base)] = (base, counted.get(id(base), (base, 0.0))[1] + exponent)
    if len(counted) == len(inputs_of(node)):
        return node
    if any(exponent > EXPONENT_MAX for _, exponent in counted.values()):
        return node
    made = [
        base if exponent == 1.0 else table.node("pow", base, table.constant(exponent))
        for base, exponent in counted.values()
    ]
    return made[0] if len(made) == 1 else table.node("mul", *made)


def _power_of_power(node: Node, table: Table) -> Node:
    base, exponent = inputs_of(node)
    if base.name != "pow" or not is_whole(exponent) or not is_whole(inputs_of(base)[1]):
        return node
    root, inner = inputs_of(base)
    assert isinstance(exponent, Constant)
    assert isinstance(inner, Constant)
    product = exponent.value * inner.value
    return table.node("pow", root, table.constant(product)) if product <= EXPONENT_MAX else node


def _power(factor: Node) -> tuple[Node, float]:
    if factor.name == "pow" and is_whole(inputs_of(factor)[1]):
        base, exponent = inputs_of(factor)
        assert isinstance(exponent, Constant)
        return base, exponent.value
    return factor, 1.0


def is_whole(node: Node) -> bool:
    """Tell whether an exponent is a whole number of at least 1."""
    return isinstance(node, Constant) and node.value >= 1.0 and node.value.is_integer()
