"""``not x``: whether a value is 0."""

from ..kernels import NAN, Panel, kernel
from ..nodes import Node, operator
from ..rules import boolean


@operator("not_")
class Not(Node):
    """1 where the value is 0, else 0; NaN where it is missing."""

    x: Node

    kind = boolean
    condition_inputs = frozenset({"x"})
    example = "not (close > open)"


@kernel(Not)
def not_(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            value = x[row, column]
            is_false = 1.0 if value == 0.0 else 0.0
            out[row, column] = is_false if value == value else NAN  # noqa: PLR0124  # NaN.
