"""``abs(x)``: the size of a value."""

from ..kernels import Panel, array_kernel
from ..laws import Laws, X
from ..nodes import Node, operator
from ..rules import first_unit, panel


@operator("abs")
class Abs(Node):
    """The value without its sign."""

    x: Node

    kind = panel
    unit = first_unit
    laws = Laws(even=X, scaled=X, once=True)
    example = "abs(returns(close))"


@array_kernel(Abs)
def absolute(x: Panel, _first_bar: int, out: Panel) -> None:
    """Drop the sign."""
    import numpy as np

    np.abs(x, out=out)
