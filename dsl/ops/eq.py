"""``left == right``: whether a value equals another."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import boolean


@operator("eq")
class Eq(Node):
    """1 where both are equal, bit noise included, else 0; NaN where one is missing."""

    left: Node
    right: Node

    is_commutative = True
    kind = boolean
    example = "close == high"


@array_kernel(Eq)
def eq(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN: what is missing is neither true nor false."""
    import numpy as np

    np.equal(left, right, out=out)
    blank(out, left, right)
