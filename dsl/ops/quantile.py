"""``quantile(x, driver)``: ranks moved onto a distribution."""

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..kernels import Panel, array_kernel
from ..nodes import Axis, Node, operator
from ..rolling.normal import normal_quantile

if TYPE_CHECKING:
    from ..kernels import Panel as Matrix


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
    words = MappingProxyType({"driver": ("gaussian", "uniform", "cauchy")})
    example = 'quantile(returns(close), driver="cauchy")'


@array_kernel(Quantile)
def quantile(x: Panel, driver: str, _first_bar: int, out: Panel) -> None:
    """Write the driver's value of each share."""
    import numpy as np

    share = _shares(x)
    if driver == "gaussian":
        out[:] = normal_quantile(share)
    elif driver == "uniform":
        np.subtract(share, 0.5, out=out)
    else:
        np.tan(np.pi * (share - 0.5), out=out)


def _shares(x: "Matrix") -> "Matrix":
    """Return (rank - 0.5) / count of each row's finite values, NaN for the others."""
    import numpy as np

    is_there = np.isfinite(x)
    values = np.where(is_there, x, np.nan)
    # NaN stands last; what comes before it is not disturbed by it.
    order = np.argsort(values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    places = np.broadcast_to(np.arange(x.shape[1]), x.shape)
    is_start = np.ones(x.shape, dtype=np.bool_)
    is_start[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    is_end = np.ones(x.shape, dtype=np.bool_)
    is_end[:, :-1] = is_start[:, 1:]
    first = np.maximum.accumulate(np.where(is_start, places, 0), axis=1)
    end = np.where(is_end, places, x.shape[1])[:, ::-1]
    last = np.minimum.accumulate(end, axis=1)[:, ::-1]
    # Ranks are first + 1 to last + 1; twice their mean less one is first + last + 1.
    doubled = np.empty(x.shape)
    np.put_along_axis(doubled, order, first + last + 1.0, axis=1)
    count = is_there.sum(axis=1, keepdims=True)
    return np.where(is_there, doubled / (2.0 * count), np.nan)
