"""``left <= right``: whether a value is at most another."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import boolean


@operator("le")
class Le(Node):
    """1 where the left is at most the right, else 0; NaN where one is missing."""

    left: Node
    right: Node

    kind = boolean
    example = "close <= open"


@array_kernel(Le)
def le(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN: what is missing is neither true nor false."""
    import numpy as np

    np.less_equal(left, right, out=out)
    blank(out, left, right)
