"""``floor(x)``: the whole number at or below a value."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import first_unit, panel


@operator("floor")
class Floor(Node):
    """The largest whole number that is not above the value."""

    x: Node

    kind = panel
    unit = first_unit
    laws = Laws(mirror="ceil", once=True)
    example = "floor(ts_zscore(volume, 7d))"


@array_kernel(Floor)
def floor(x: Panel, _first_bar: int, out: Panel) -> None:
    """Round down."""
    import numpy as np

    np.floor(x, out=out)
