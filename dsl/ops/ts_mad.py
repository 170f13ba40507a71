"""``ts_mad(x, bars)``: how far the values of a window lie from their mean."""

from typing import TYPE_CHECKING

from ..kernels import Panel, buffer, helper, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit
from ..work import Work

if TYPE_CHECKING:
    from ..kernels import Row


@operator("ts_mad")
class TsMad(Node):
    """The mean absolute deviation of the last ``bars`` bars from their mean.

    NaN where one of the bars is missing. Exactly 0 where the window is constant.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    work = Work.WINDOW
    unit = first_unit
    laws = Laws(even=X, scaled=X, lags_through=True)
    example = "ts_mad(returns(close), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsMad)
def ts_mad(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Go twice over each window, counting from its oldest bar, so that high levels cost nothing.

    Each deviation is from another mean at the next bar: there is no sum to carry on. All
    instruments go side by side, so that no addition waits for the one before.
    """
    sums = buffer(2, x.shape[1])
    for t in range(bars - 1, x.shape[0]):
        start = t - bars + 1
        after = start + bars // 4 * 4
        sums[:] = 0.0
        for at in range(start, after, 4):
            add_four(x[at : at + 4], x[start], sums[0])
        for at in range(after, t + 1):
            add_distances(x[at], x[start], sums[0])
        sums[0] /= bars
        for at in range(start, after, 4):
            add_four_spreads(x[at : at + 4], x[start], sums[0], sums[1])
        for at in range(after, t + 1):
            add_spreads(x[at], x[start], sums[0], sums[1])
        for i in range(x.shape[1]):
            out[t, i] = settled(sums[1, i] / bars)


@helper
def add_four(rows: "Panel", oldest: "Row", out: "Row") -> None:
    """Add the distances of four bars, one bar after the other."""
    a, b, c, d = rows[0], rows[1], rows[2], rows[3]
    for i in range(out.shape[0]):
        from_ = oldest[i]
        two = (out[i] + (a[i] - from_)) + (b[i] - from_)
        out[i] = (two + (c[i] - from_)) + (d[i] - from_)


@helper
def add_distances(row: "Row", oldest: "Row", out: "Row") -> None:
    """Add each value's distance from the oldest one."""
    for i in range(row.shape[0]):
        out[i] += row[i] - oldest[i]


@helper
def add_spreads(row: "Row", oldest: "Row", middle: "Row", out: "Row") -> None:
    """Add each value's distance from the mean, which is counted from the oldest one."""
    for i in range(row.shape[0]):
        out[i] += abs((row[i] - oldest[i]) - middle[i])


@helper
def add_four_spreads(rows: "Panel", oldest: "Row", middle: "Row", out: "Row") -> None:
    """Add the spreads of four bars, one bar after the other."""
    a, b, c, d = rows[0], rows[1], rows[2], rows[3]
    for i in range(out.shape[0]):
        from_, mean = oldest[i], middle[i]
        two = (out[i] + abs((a[i] - from_) - mean)) + abs((b[i] - from_) - mean)
        out[i] = (two + abs((c[i] - from_) - mean)) + abs((d[i] - from_) - mean)
