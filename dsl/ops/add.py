"""``left + right``: the sum of values."""

from ..kernels import Panel, kernel, settled
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("add")
class Add(Node):
    """The sum, added from left to right; NaN where a term is missing."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = panel
    unit = same_unit
    example = "open + close"


@kernel(Add)
def add(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Add the terms in the order they stand in: another order gives other last bits."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            total = terms[0][row, column]
            for term in terms[1:]:
                total += term[row, column]
            out[row, column] = settled(total)
