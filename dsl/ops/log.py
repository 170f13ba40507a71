"""``log(x)``: the natural logarithm."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, pure_if_pure


@operator("log")
class Log(Node):
    """The natural logarithm; NaN for 0 and below."""

    x: Node

    kind = panel
    unit = pure_if_pure
    laws = Laws(keeps_order=True)
    example = "log(volume)"


@array_kernel(Log)
def log(x: Panel, _first_bar: int, out: Panel) -> None:
    """Take the logarithm; the engine turns that of 0 into NaN."""
    import numpy as np

    np.log(x, out=out)
