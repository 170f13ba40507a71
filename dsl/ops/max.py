"""``max(x, y)``: the largest of values, cell by cell."""

from ..kernels import Panel, array_kernel
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("max")
class Max(Node):
    """The largest of the terms; NaN where a term is missing. ``ts_max`` looks along time."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = panel
    unit = same_unit
    example = "max(open, close)"


@array_kernel(Max)
def max_of(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Keep the larger of what was seen and the next term; numpy lets NaN through."""
    import numpy as np

    out[:] = terms[0]
    for term in terms[1:]:
        np.maximum(out, term, out=out)
