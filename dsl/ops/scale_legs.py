"""``scale_legs(x, long, short)``: values whose positive and negative sides have given sizes."""

from types import MappingProxyType

from ..kernels import Panel, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..work import Work


@operator("scale_legs")
class ScaleLegs(Node):
    """Values above 0 scaled to sum up to ``long``, those below 0 to minus ``short``.

    0 stays 0, a side without values stays empty; NaN where all are 0. Only instruments of the
    universe with a finite value count.
    """

    x: Node
    long: float = 1.0
    short: float = 1.0

    axis = Axis.CROSS
    work = Work.RUNNING
    ranges = MappingProxyType({"long": (0.0, 1e6), "short": (0.0, 1e6)})
    laws = Laws(scale_free=X, turns=X, keeps_order=True)
    example = "scale_legs(zscore(returns), 0.5, 0.5)"


@kernel(ScaleLegs)
def scale_legs(x: Panel, long: float, short: float, _first_bar: int, out: Panel) -> None:
    """Scale each side by its sum, the sizes taken of the largest: their sum cannot overflow."""
    for t in range(x.shape[0]):
        highest = lowest = 0.0
        for i in range(x.shape[1]):
            if x[t, i] - x[t, i] == 0.0:
                highest, lowest = max(highest, x[t, i]), min(lowest, x[t, i])
        above = below = 0.0
        for i in range(x.shape[1]):
            if x[t, i] > 0.0 and x[t, i] - x[t, i] == 0.0:
                above += x[t, i] / highest
            elif x[t, i] < 0.0 and x[t, i] - x[t, i] == 0.0:
                below += x[t, i] / lowest
        for i in range(x.shape[1]):
            if x[t, i] - x[t, i] != 0.0 or above + below == 0.0:
                continue
            if x[t, i] > 0.0:
                out[t, i] = settled(x[t, i] / highest * long / above)
            elif x[t, i] < 0.0:
                out[t, i] = settled(x[t, i] / lowest * -short / below)
            else:
                out[t, i] = 0.0
