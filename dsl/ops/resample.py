"""``resample(x, bars, how)``: a value on longer bars, as it stood when the last of them closed."""

from types import MappingProxyType

from ..kernels import Panel, array_kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rules import first_unit


@operator("resample")
class Resample(Node):
    """The last closed period of ``bars`` bars, put together by ``how``; an open one is not seen.

    Periods are counted from the epoch. A value appears at the bar that closes its period and stays
    until the next one closes. ``how`` is ``last``, ``first``, ``min``, ``max``, ``sum`` or
    ``mean``; for the last four a missing bar leaves the period without an answer.
    """

    x: Node
    bars: int
    how: str = "last"

    axis = Axis.TIME
    unit = first_unit
    words = MappingProxyType({"how": ("last", "first", "min", "max", "sum", "mean")})
    laws = Laws(scaled=X, answers_missing=True)
    example = 'close / resample(high, 24h, "max") - 1'

    def warmup_bars(self) -> int:
        """Count the leading bars that have no answer yet: all but the end of one period."""
        return 2 * self.bars - 2


@array_kernel(Resample)
def resample(x: Panel, bars: int, how: str, first_bar: int, out: Panel) -> None:
    """Fold the whole periods and repeat each until the next one closes."""
    import numpy as np

    rows, columns = x.shape
    start = -first_bar % bars
    count = (rows - start) // bars
    if rows < 2 * bars - 1:
        return
    periods = x[start : start + count * bars].reshape(count, bars, columns)
    folded = _folded(periods, how)
    shown = np.arange(2 * bars - 2, rows)
    out[shown] = folded[(shown - start + 1) // bars - 1]


def _folded(periods: Panel, how: str) -> Panel:
    import numpy as np

    if how == "first":
        return periods[:, 0]
    if how == "last":
        return periods[:, -1]
    if how in {"min", "max"}:
        fold = np.minimum if how == "min" else np.maximum
        whole: Panel = np.where(np.isfinite(periods), periods, np.nan)
        return np.asarray(fold.reduce(whole, axis=1))
    # Bar by bar: numpy's own sum takes another order for a lone column.
    total = periods[:, 0].copy()
    for at in range(1, periods.shape[1]):
        total += periods[:, at]
    return total / periods.shape[1] if how == "mean" else total
