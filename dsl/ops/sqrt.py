"""``sqrt(x)``: the square root."""

from ..kernels import Panel, array_kernel
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


@array_kernel(Sqrt)
def sqrt(x: Panel, _first_bar: int, out: Panel) -> None:
    """Take the root."""
    import numpy as np

    np.sqrt(x, out=out)
