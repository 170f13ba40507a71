"""``sigmoid(x)``: the logistic function."""

from ..kernels import Panel, array_kernel, blank
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, pure_if_pure


@operator("sigmoid")
class Sigmoid(Node):
    """1 / (1 + exp(-x)), from 0 to 1; 0.5 at 0."""

    x: Node

    kind = panel
    unit = pure_if_pure
    laws = Laws(keeps_order=True)
    example = "sigmoid(ts_zscore(returns, 7d))"


@array_kernel(Sigmoid)
def sigmoid(x: Panel, _first_bar: int, out: Panel) -> None:
    """Raise e to minus the size alone, which never overflows."""
    import numpy as np

    small = np.exp(-np.abs(x))
    np.divide(np.where(x < 0.0, small, 1.0), 1.0 + small, out=out)
    blank(out, x)
