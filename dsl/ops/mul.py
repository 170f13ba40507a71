"""``left * right``: the product of values."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, product


@operator("mul")
class Mul(Node):
    """The product, multiplied from left to right; NaN where a term is missing."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = panel
    unit = product
    laws = Laws(odd=frozenset({"terms"}), scaled=frozenset({"terms"}))
    example = "close * volume"


@array_kernel(Mul)
def mul(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Multiply the terms in the order they stand in: another order gives other last bits."""
    import numpy as np

    out[:] = terms[0]
    for term in terms[1:]:
        np.multiply(out, term, out=out)
