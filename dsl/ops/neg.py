"""``-x``: a value with the other sign."""

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Node, operator
from ..rules import first_unit, panel


@operator("neg")
class Neg(Node):
    """The value with its sign turned."""

    x: Node

    kind = panel
    unit = first_unit
    laws = Laws(odd=X, scaled=X, turns=X)
    example = "-returns(close)"


@kernel(Neg)
def negate(x: Panel, _first_bar: int, out: Panel) -> None:
    """Turn the sign."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            out[row, column] = settled(-x[row, column])
