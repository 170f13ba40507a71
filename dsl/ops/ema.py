"""``ema(x, bars)``: a mean over all of the past in which older bars fade."""

from ..kernels import NAN, Panel, kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit


@operator("ema")
class Ema(Node):
    """The exponential mean of span ``bars``: each bar weighs ``1 - 2 / (bars + 1)`` of the next.

    Weights are divided by their sum, and the answer starts once ``bars`` values have been seen, as
    in pandas' ``ewm(span=bars, min_periods=bars)``. A missing bar has no answer and lets the past
    fade. It remembers all of the panel: a later start gives other values.
    """

    x: Node
    bars: int

    axis = Axis.TIME
    carries_state = True
    state_rows = 3
    unit = first_unit
    laws = Laws(odd=X, scaled=X)
    example = "ema(close, 12h) / ema(close, 26h) - 1"

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet."""
        return self.bars - 1


@kernel(Ema)
def ema(x: Panel, bars: int, state: Panel, _first_bar: int, out: Panel) -> None:
    """Keep the mean, the weight it stands for at the next bar, and how many values are in it."""
    keeps = 1.0 - 2.0 / (bars + 1.0)
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            value, mean = x[t, i], state[0, i]
            is_first = mean != mean  # noqa: PLR0124  # NaN differs from itself.
            if value - value != 0.0:
                state[1, i] *= keeps
                out[t, i] = NAN
                continue
            if is_first:
                mean, weight, count = value, 0.0, 0.0
            else:
                weight, count = state[1, i], state[2, i]
                share = 1.0 / (weight + 1.0)
                step = (value - mean) * share
                # A difference beyond the largest number must not stay for ever.
                mean += step if step - step == 0.0 else value * share - mean * share
            state[0, i] = mean
            state[1, i] = (weight + 1.0) * keeps
            state[2, i] = count + 1.0
            out[t, i] = mean + 0.0 if count + 1.0 >= bars else NAN
