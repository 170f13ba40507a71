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
    """Raise the size and sign the answer: numpy rounds otherwise below 0 than above.

    A missing value to the power 0 is missing, though numpy says 1.
    """
    import numpy as np

    np.power(np.abs(base), exponent, out=out)
    is_below = base < 0.0
    rest = np.abs(np.fmod(exponent, 2.0))  # 1 for the odd, 0 for the even.
    np.negative(out, out=out, where=is_below & (rest == 1.0))
    np.copyto(out, np.nan, where=is_below & (rest != 1.0) & (rest != 0.0))
    blank(out, base, exponent)
