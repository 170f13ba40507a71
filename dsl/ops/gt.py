"""``left > right``: whether a value is greater than another."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import boolean


@operator("gt")
class Gt(Node):
    """1 where the left is greater than the right, else 0; NaN where one is missing."""

    left: Node
    right: Node

    kind = boolean
    example = "close > open"


@array_kernel(Gt)
def gt(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN: what is missing is neither true nor false."""
    import numpy as np

    np.greater(left, right, out=out)
    blank(out, left, right)
