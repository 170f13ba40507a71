"""``left / right``: a value over another."""

from ..kernels import Panel, array_kernel
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


@array_kernel(Div)
def div(left: Panel, right: Panel, _first_bar: int, out: Panel) -> None:
    """Divide; the engine turns the infinities of x / 0 into NaN."""
    import numpy as np

    np.divide(left, right, out=out)
