"""``tanh(x)``: the hyperbolic tangent."""

from ..kernels import Panel, array_kernel
from ..laws import Laws, X
from ..nodes import Node, operator
from ..rules import panel, pure_if_pure


@operator("tanh")
class Tanh(Node):
    """The hyperbolic tangent, from -1 to 1: it tames both tails."""

    x: Node

    kind = panel
    unit = pure_if_pure
    laws = Laws(odd=X, keeps_order=True)
    example = "tanh(ts_zscore(returns, 7d))"


@array_kernel(Tanh)
def tanh(x: Panel, _first_bar: int, out: Panel) -> None:
    """Take the tangent."""
    import numpy as np

    np.tanh(x, out=out)
