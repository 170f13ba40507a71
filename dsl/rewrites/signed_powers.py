"""``sign(x) * abs(x) ^ a`` is ``signed_power(x, a)``, and ``sign(x) * abs(x)`` is ``x``.

Among further factors what is made stands last, so the product rounds in another order.
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table


@rewrite("mul", rounds=True)
def signed_powers(node: Node, table: Table) -> Node:
    """Join a sign and the size it belongs to."""
    factors = inputs_of(node)
    for sign in factors:
        if sign.name != "sign":
            continue
        for size in factors:
            made = _joined(inputs_of(sign)[0], size, table)
            if made is None:
                continue
            rest = [item for item in factors if item is not sign and item is not size]
            is_one_each = len(rest) == len(factors) - 2
            if is_one_each:
                return table.node("mul", *rest, made) if rest else made
    return node


def _joined(x: Node, size: Node, table: Table) -> Node | None:
    if size.name == "abs":
        return x if inputs_of(size)[0] is x else None
    if size.name != "pow":
        return None
    base, exponent = inputs_of(size)
    # An even power has lost its `abs` already (``powers``).
    is_even = isinstance(exponent, Constant) and exponent.value >= 1 and exponent.value % 2 == 0
    is_size = base.name == "abs" and inputs_of(base)[0] is x
    return table.node("signed_power", x, exponent) if is_size or (is_even and base is x) else None
