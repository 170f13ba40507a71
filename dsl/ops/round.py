"""``round(x)``: the nearest whole number."""

from ..kernels import Panel, array_kernel
from ..laws import Laws, X
from ..nodes import Node, operator
from ..rules import first_unit, panel


@operator("round")
class Round(Node):
    """The nearest whole number; a half goes to the even one: 0.5 gives 0, 1.5 gives 2."""

    x: Node

    kind = panel
    unit = first_unit
    laws = Laws(odd=X, once=True)
    example = "round(ts_zscore(volume, 7d))"


@array_kernel(Round)
def rounded(x: Panel, _first_bar: int, out: Panel) -> None:
    """Round to the nearest."""
    import numpy as np

    np.rint(x, out=out)
