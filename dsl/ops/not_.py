"""``not x``: whether a value is 0."""

from ..kernels import Panel, array_kernel, blank
from ..nodes import Node, operator
from ..rules import boolean


@operator("not_")
class Not(Node):
    """1 where the value is 0, else 0; NaN where it is missing."""

    x: Node

    kind = boolean
    condition_inputs = frozenset({"x"})
    example = "not (close > open)"


@array_kernel(Not)
def not_(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN."""
    import numpy as np

    np.equal(x, 0.0, out=out)
    blank(out, x)
