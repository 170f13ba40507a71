"""``sqrt(x)``: the square root."""

import math

from ..kernels import NAN, Panel, kernel, settled
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, root


@operator("sqrt")
class Sqrt(Node):
    """The square root; NaN below 0."""

    x: Node

    kind = panel
    unit = root
    laws = Laws(keeps_order=True)
    example = "sqrt(volume)"


@kernel(Sqrt)
def sqrt(x: Panel, _first_bar: int, out: Panel) -> None:
    """Take the root; that of an infinity is none."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            value = x[row, column]
            root = math.sqrt(abs(value))
            out[row, column] = settled(root) if value >= 0.0 else NAN
