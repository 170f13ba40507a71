"""``left and right``: whether all of the terms hold."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import boolean


@operator("and_")
class And(Node):
    """1 where no term is 0, else 0; NaN where a term is missing, whatever the others say."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = boolean
    condition_inputs = frozenset({"terms"})
    example = "(close > open) and (volume > 0)"


@array_kernel(And)
def and_(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN; NaN counts as true in numpy, so it is put back at the end."""
    import numpy as np

    out[:] = terms[0]
    for term in terms[1:]:
        np.logical_and(out, term, out=out)
    blank(out, *terms)
