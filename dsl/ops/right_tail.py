"""``right_tail(x, limit)``: what lies at or above a limit."""

from ..kernels import Panel, array_kernel
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("right_tail")
class RightTail(Node):
    """The value where it is at or above the limit; NaN elsewhere."""

    x: Node
    limit: Node

    kind = panel
    unit = same_unit
    example = "rank(right_tail(ts_zscore(returns, 7d), 0))"


@array_kernel(RightTail)
def right_tail(x: Panel, limit: Panel, _first_bar: int, out: Panel) -> None:
    """Keep what compares; nothing compares with what is missing."""
    import numpy as np

    out[:] = np.where(x >= limit, x, np.nan)
