"""``abs(x)``: the size of a value."""

from ..kernels import Panel, kernel, settled
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


@kernel(Abs)
def absolute(x: Panel, _first_bar: int, out: Panel) -> None:
    """Drop the sign."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = settled(abs(x[row, column]))
