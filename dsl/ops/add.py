"""``left + right``: the sum of values."""

from ..kernels import Panel, array_kernel
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


@array_kernel(Add)
def add(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Add the terms in the order they stand in: another order gives other last bits."""
    import numpy as np

    out[:] = terms[0]
    for term in terms[1:]:
        np.add(out, term, out=out)
