"""``ceil(x)``: the whole number at or above a value."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import first_unit, panel


@operator("ceil")
class Ceil(Node):
    """The smallest whole number that is not below the value."""

    x: Node

    kind = panel
    unit = first_unit
    laws = Laws(mirror="floor", once=True)
    example = "ceil(ts_zscore(volume, 7d))"


@array_kernel(Ceil)
def ceil(x: Panel, _first_bar: int, out: Panel) -> None:
    """Round up."""
    import numpy as np

    np.ceil(x, out=out)
