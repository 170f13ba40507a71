"""``exp(x)``: e to the power of a value."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, pure_if_pure


@operator("exp")
class Exp(Node):
    """The exponential; NaN where it is too large for a number."""

    x: Node

    kind = panel
    unit = pure_if_pure
    laws = Laws(keeps_order=True)
    example = "exp(returns(close))"


@array_kernel(Exp)
def exp(x: Panel, _first_bar: int, out: Panel) -> None:
    """Raise e; the engine turns an overflow into NaN."""
    import numpy as np

    np.exp(x, out=out)
