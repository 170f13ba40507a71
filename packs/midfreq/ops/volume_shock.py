"""``volume_shock(x, bars)``: how much more is traded than of late."""

import math

from ....dsl.kernels import NAN, Panel, buffer, kernel, settled
from ....dsl.laws import Laws, X
from ....dsl.nodes import Axis, Node, operator
from ....dsl.rolling.anchored import roll_anchored
from ....dsl.rolling.sums_strict import SUM, push_sum, step_mean


@operator("volume_shock")
class VolumeShock(Node):
    """The logarithm of the value over the mean of the ``bars`` bars before it.

    NaN where one of the bars is missing, and where value or mean is not positive.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    laws = Laws(scale_free=X)
    example = "volume_shock(quote_volume, 168)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars


@kernel(VolumeShock)
def volume_shock(x: Panel, bars: int, first_bar: int, out: Panel) -> None:
    """Write log(x / mean before)."""
    means = buffer(x.shape[0], x.shape[1])
    roll_anchored(x, x, bars, first_bar, SUM, 0.0, 1.0, push_sum, step_mean, means)
    for t in range(bars, x.shape[0]):
        for i in range(x.shape[1]):
            value, mean = settled(x[t, i]), means[t - 1, i]
            if value > 0.0 and mean > 0.0:
                # Small differences keep their digits this way.
                out[t, i] = settled(math.log1p((value - mean) / mean))
            else:
                out[t, i] = NAN
