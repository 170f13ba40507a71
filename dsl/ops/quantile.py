"""``quantile(x, driver)``: ranks moved onto a distribution."""

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..kernels import Panel, array_kernel
from ..laws import Laws, X
from ..nodes import Axis, Node, operator
from ..rolling.normal import normal_quantile
from ..work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..kernels import Panel as Matrix

ROWS = 256


@operator("quantile")
class Quantile(Node):
    """The rank of each instrument at its bar, moved onto a distribution; equals share a rank.

    Rank r of n is the share (r - 0.5) / n. ``gaussian`` gives the normal value of that share,
    ``cauchy`` the Cauchy value, ``uniform`` the share less a half. Only instruments of the
    universe with a finite value count; the others are NaN.
    """

    x: Node
    driver: str = "gaussian"

    axis = Axis.CROSS
    work = Work.ACROSS
    words = MappingProxyType({"driver": ("gaussian", "uniform", "cauchy")})
    laws = Laws(scale_free=X, turns=X, keeps_order=True, once=True)
    example = 'quantile(returns(close), driver="cauchy")'


@array_kernel(Quantile)
def quantile(x: Panel, driver: str, _first_bar: int, out: Panel) -> None:
    """Write a block of bars at a time: what is computed on the way then stays near."""
    for start in range(0, len(x), ROWS):
        _write(x[start : start + ROWS], driver, out[start : start + ROWS])


def _write(x: "Matrix", driver: str, out: "Matrix") -> None:
    """Look each rank up: bars with as many members share a table."""
    import numpy as np

    is_there = np.isfinite(x)
    doubled = _doubled_ranks(np.where(is_there, x, np.nan))
    counts = is_there.sum(axis=1)
    for count in np.unique(counts):
        rows = counts == count
        # Twice a rank is 2 to 2 * count; twice the share times the count is one less.
        shares = np.arange(-1.0, 2.0 * count)[None, :] / (2.0 * max(count, 1))
        found = _driven(shares, driver)[0][np.where(is_there[rows], doubled[rows], 0)]
        out[rows] = np.where(is_there[rows], found, np.nan)


def _driven(shares: "Matrix", driver: str) -> "Matrix":
    import numpy as np

    if driver == "gaussian":
        return normal_quantile(shares)
    return shares - 0.5 if driver == "uniform" else np.tan(np.pi * (shares - 0.5))


def _doubled_ranks(values: "Matrix") -> "NDArray[np.int64]":
    """Return twice each finite value's rank in its row; equals share the mean of their ranks."""
    import numpy as np

    # NaN stands last; what comes before it is not disturbed by it.
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    places = np.arange(values.shape[1])
    is_start = np.ones(values.shape, dtype=np.bool_)
    is_start[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    is_end = np.ones(values.shape, dtype=np.bool_)
    is_end[:, :-1] = is_start[:, 1:]
    first = np.maximum.accumulate(np.where(is_start, places, 0), axis=1)
    ends = np.where(is_end, places, values.shape[1])[:, ::-1]
    last = np.minimum.accumulate(ends, axis=1)[:, ::-1]
    doubled = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(doubled, order, first + last + 2, axis=1)
    return doubled
