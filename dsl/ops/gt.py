"""``left > right``: whether a value is greater than another."""

from ..kernels import NAN, Panel, kernel
from ..nodes import Node, operator
from ..rules import boolean


@operator("gt")
class Gt(Node):
    """1 where the left is greater than the right, else 0; NaN where one is missing."""

    left: Node
    right: Node

    kind = boolean
    example = "close > open"


@kernel(Gt)
def gt(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN: what is missing is neither true nor false."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            one, other = left[row, column], right[row, column]
            is_true = 1.0 if one > other else 0.0
            out[row, column] = NAN if one != one or other != other else is_true  # noqa: PLR0124
