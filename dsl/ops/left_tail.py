"""``left_tail(x, limit)``: what lies at or below a limit."""

from ..kernels import Panel, array_kernel
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("left_tail")
class LeftTail(Node):
    """The value where it is at or below the limit; NaN elsewhere."""

    x: Node
    limit: Node

    kind = panel
    unit = same_unit
    example = "rank(left_tail(ts_zscore(returns, 7d), 0))"


@array_kernel(LeftTail)
def left_tail(x: Panel, limit: Panel, _first_bar: int, out: Panel) -> None:
    """Keep what compares; nothing compares with what is missing."""
    import numpy as np

    out[:] = np.where(x <= limit, x, np.nan)
