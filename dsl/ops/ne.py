"""``left != right``: whether a value differs from another."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import boolean


@operator("ne")
class Ne(Node):
    """1 where they differ, else 0; NaN where one is missing."""

    left: Node
    right: Node

    is_commutative = True
    kind = boolean
    example = "close != open"


@array_kernel(Ne)
def ne(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN: what is missing is neither true nor false."""
    import numpy as np

    np.not_equal(left, right, out=out)
    blank(out, left, right)
