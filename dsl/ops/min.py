"""``min(x, y)``: the smallest of values, cell by cell."""

from ..kernels import Panel, array_kernel
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("min")
class Min(Node):
    """The smallest of the terms; NaN where a term is missing. ``ts_min`` looks along time."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = panel
    unit = same_unit
    example = "min(open, close)"


@array_kernel(Min)
def min_of(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Keep the smaller of what was seen and the next term; numpy lets NaN through."""
    import numpy as np

    out[:] = terms[0]
    for term in terms[1:]:
        np.minimum(out, term, out=out)
