"""``hump(x, limit)``: a value that may move only so far a bar."""

from types import MappingProxyType

from ..kernels import NAN, Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit

LIMIT_MAX = 1e308


@operator("hump")
class Hump(Node):
    """Follows ``x`` by at most ``limit`` a bar, from the first value on: less trading.

    A missing bar has no answer and moves nothing. It remembers all of the panel.
    """

    x: Node
    limit: float = 0.01

    axis = Axis.TIME
    carries_state = True
    state_rows = 1
    unit = first_unit
    ranges = MappingProxyType({"limit": (0.0, LIMIT_MAX)})
    laws = Laws(odd=X)
    example = "hump(rank(returns(close, 24h)), 0.05)"


@kernel(Hump)
def hump(x: Panel, limit: float, state: Panel, _first_bar: int, out: Panel) -> None:
    """Keep where the answer stands."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            value, stands = x[t, i], state[0, i]
            if value - value != 0.0:
                out[t, i] = NAN
                continue
            # From the first value the distance is NaN, and nothing holds it back.
            distance = value - stands
            if distance > limit:
                value = stands + limit
            elif distance < -limit:
                value = stands - limit
            state[0, i] = value
            out[t, i] = value + 0.0
