"""``base ^ exponent``: a value to a power."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import panel, pure_if_pure


@operator("pow")
class Pow(Node):
    """The power; NaN for a negative base under a fraction, for 0 under a negative exponent."""

    base: Node
    exponent: Node

    kind = panel
    unit = pure_if_pure
    example = "rank(close) ^ 2"


@array_kernel(Pow)
def power(base: Panel, exponent: Panel, _first_bar: int, out: Panel) -> None:
    """Raise; a missing value to the power 0 is missing, though numpy says 1."""
    import numpy as np

    np.power(base, exponent, out=out)
    blank(out, base, exponent)
