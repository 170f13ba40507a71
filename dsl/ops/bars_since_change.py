"""``bars_since_change(x)``: how long a value has been what it is."""

from ..kernels import NAN, Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import time


@operator("bars_since_change")
class BarsSinceChange(Node):
    """Bars since the value last changed, 0 at the bar of the change; before one, since the first.

    A missing bar has no answer; it counts as a bar, and not as a change. It remembers all of the
    panel.
    """

    x: Node

    axis = Axis.TIME
    carries_state = True
    state_rows = 2
    laws = Laws(even=X, scale_free=X)
    unit = time
    example = "bars_since_change(funding_rate) < 8"


@kernel(BarsSinceChange)
def bars_since_change(x: Panel, state: Panel, _first_bar: int, out: Panel) -> None:
    """Keep the last value and its age; both are missing until the first one."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            value = x[t, i]
            state[1, i] += 1.0
            if value - value != 0.0:
                out[t, i] = NAN
                continue
            if value != state[0, i]:
                state[0, i] = value
                state[1, i] = 0.0
            out[t, i] = state[1, i]
