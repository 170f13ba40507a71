"""How many bars of a window are there; whole numbers, so that a running count is exact."""

from typing import TYPE_CHECKING

from ..kernels import helper

if TYPE_CHECKING:
    from ..kernels import Panel


@helper
def roll_count(x: "Panel", bars: int, out: "Panel") -> None:
    """Write how many of the last ``bars`` values are finite, from row ``bars - 1`` on."""
    for i in range(x.shape[1]):
        count = 0
        for t in range(x.shape[0]):
            count += 1 if x[t, i] - x[t, i] == 0.0 else 0
            if t >= bars:
                count -= 1 if x[t - bars, i] - x[t - bars, i] == 0.0 else 0
            if t >= bars - 1:
                out[t, i] = count
