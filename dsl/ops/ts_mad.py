"""``ts_mad(x, bars)``: how far the values of a window lie from their mean."""

from ..kernels import Panel, buffer, kernel, settled
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit


@operator("ts_mad")
class TsMad(Node):
    """The mean absolute deviation of the last ``bars`` bars from their mean.

    NaN where one of the bars is missing. Exactly 0 where the window is constant.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    unit = first_unit
    laws = Laws(even=X, scaled=X, lags_through=True)
    example = "ts_mad(returns(close), 24h)"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(TsMad)
def ts_mad(x: Panel, bars: int, _first_bar: int, out: Panel) -> None:
    """Go twice over each window, counting from its oldest value, so that high levels cost nothing.

    Each deviation is from another mean at the next bar: there is no sum to carry on.
    """
    rows = x.shape[0]
    column = buffer(1, rows)[0]
    for i in range(x.shape[1]):
        missing = 0
        for t in range(rows):
            value = settled(x[t, i])
            column[t] = value
            missing += 1 if value != value else 0  # noqa: PLR0124  # NaN differs from itself.
            if t >= bars and column[t - bars] != column[t - bars]:
                missing -= 1
            if t >= bars - 1 and missing == 0:
                window = column[t - bars + 1 : t + 1]
                total = spread = 0.0
                for other in window:
                    total += other - window[0]
                middle = total / bars
                for other in window:
                    spread += abs((other - window[0]) - middle)
                out[t, i] = settled(spread / bars)
