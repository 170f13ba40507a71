"""``is_nan(x)``: whether a value is missing."""

from ..kernels import Panel, kernel
from ..laws import Laws, X
from ..nodes import Node, operator
from ..rules import boolean


@operator("is_nan")
class IsNan(Node):
    """1 where the value is missing, else 0; the one operator that turns missing into a number."""

    x: Node

    kind = boolean
    laws = Laws(even=X, scale_free=X, answers_missing=True)
    example = "is_nan(close)"


@kernel(IsNan)
def is_nan(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1 or 0; infinities are missing values too."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            # An infinity less itself is NaN.
            out[row, column] = 0.0 if x[row, column] - x[row, column] == 0.0 else 1.0
