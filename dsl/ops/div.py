"""``left / right``: a value over another."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, quotient


@operator("div")
class Div(Node):
    """The quotient; NaN where the divisor is 0, and where one is missing."""

    left: Node
    right: Node

    kind = panel
    unit = quotient
    laws = Laws(odd=frozenset({"left", "right"}), scaled=frozenset({"left"}))
    example = "close / open"


@kernel(Div)
def div(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Divide; what x / 0 gives is not finite, and so missing."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = settled(left[row, column] / right[row, column])
