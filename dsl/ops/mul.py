"""``left * right``: the product of values."""

from ..kernels import Panel, kernel, settled
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


@kernel(Mul)
def mul(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Multiply the terms in the order they stand in: another order gives other last bits."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            product = terms[0][row, column]
            for term in terms[1:]:
                product *= term[row, column]
            out[row, column] = settled(product)
