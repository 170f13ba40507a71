"""``ts_step(x)``: how long an instrument has been there."""

from ..kernels import NAN, Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import time


@operator("ts_step")
class TsStep(Node):
    """Bars since the first value, 1 at the first one; NaN where the bar is missing.

    It remembers all of the panel.
    """

    x: Node

    axis = Axis.TIME
    carries_state = True
    state_rows = 1
    laws = Laws(even=X, scale_free=X)
    unit = time
    example = "min(ts_step(close), 720) / 720"


@kernel(TsStep)
def ts_step(x: Panel, state: Panel, _first_bar: int, out: Panel) -> None:
    """Keep the count; it is missing until the first value."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            count = state[0, i] + 1.0
            is_there = x[t, i] - x[t, i] == 0.0
            if is_there and count != count:  # noqa: PLR0124  # NaN differs from itself.
                count = 1.0
            state[0, i] = count
            out[t, i] = count if is_there else NAN
