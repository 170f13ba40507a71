"""The mark that ties a plain Python function to an operator; the engine compiles it when needed.

A kernel's arguments are the operator's own, in order (nodes as float64 ``[time, instrument]``
matrices; scalars arrive as full matrices; variadic nodes as one tuple), then ``first_bar``, the
absolute index of row 0, then ``out``. It arrives filled with NaN; only a kernel of an operator that
looks at one cell alone gets it as it is, and writes each cell.

An operator that carries state gets ``state`` before ``first_bar``, ``[state_rows, instrument]``. It
is NaN before the first bar there is, else what was left in it after the bar before row 0; the
kernel leaves in it what the next bar needs. So chunks run in order give the bytes of one piece.

``kernel`` is compiled: loops over cells, no other Python objects, helpers only from functions
marked ``helper``; it writes finite numbers or NaN, never an infinity. One over variadic nodes is
compiled for two and folded over more, cell by cell and in place, so it writes each cell.
``array_kernel`` runs as it is: whole-matrix numpy calls, which the engine runs with floating-point
warnings off and whose infinities it turns into NaN. Both also run as plain Python, for those who
want to see what happens.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .nodes import Node

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.panel import Matrix

    Panel = Matrix
    Row = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Shorts = NDArray[np.int16]
else:
    # Operators name these in annotations; numpy is not imported for that.
    Panel = Row = Integers = Shorts = object

Kernel = Callable[..., None]
K = TypeVar("K", bound=Callable[..., None])
F = TypeVar("F", bound=Callable[..., object])

NAN = float("nan")

COMPILED: dict[type[Node], Kernel] = {}
ARRAY: dict[type[Node], Kernel] = {}
HELPERS: dict[str, Callable[..., object]] = {}
DISJOINT: set[str] = set()  # Of the helpers, those marked `disjoint`.


def kernel(operator: type[Node]) -> Callable[[K], K]:
    """Mark loops over cells as an operator's kernel, to be compiled."""

    def mark(function: K) -> K:
        COMPILED[operator] = function
        return function

    return mark


def array_kernel(operator: type[Node]) -> Callable[[K], K]:
    """Mark whole-matrix numpy calls as an operator's kernel, run as they are."""

    def mark(function: K) -> K:
        ARRAY[operator] = function
        return function

    return mark


def helper(function: F) -> F:
    """Mark a function that compiled kernels may call; it is compiled with them."""
    HELPERS[f"{function.__module__}.{function.__qualname__}"] = function
    return function


def disjoint(function: F) -> F:
    """Mark a helper that writes no memory which it also reaches through another argument.

    It is compiled into its callers, and its loops need no look at what overlaps before each row.
    """
    DISJOINT.add(f"{function.__module__}.{function.__qualname__}")
    return helper(function)


def buffer(rows: int, columns: int) -> "Panel":
    """Return zeros to work in; compiled kernels get numba's own."""
    import numpy as np

    return np.zeros((rows, columns))


def integers(rows: int, columns: int) -> "Integers":
    """Return whole zeros to work in; compiled kernels get numba's own."""
    import numpy as np

    return np.zeros((rows, columns), dtype=np.int64)


def shorts(rows: int, columns: int) -> "Shorts":
    """Return small whole zeros to work in; compiled kernels get numba's own."""
    import numpy as np

    return np.zeros((rows, columns), dtype=np.int16)


def bits_of(row: "Row") -> "Integers":
    """Return the same memory, each number's bits as one whole number."""
    import numpy as np

    return row.view(np.int64)


def blank(out: "Panel", *inputs: "Panel") -> None:
    """Write NaN wherever one of the inputs has none; for array kernels."""
    import numpy as np

    for values in inputs:
        np.copyto(out, np.nan, where=np.isnan(values))


def settle(out: "Panel") -> None:
    """Turn what is not finite into the one NaN, and -0.0 into 0.0: equal values, equal bytes."""
    import numpy as np

    is_known = np.isfinite(out)
    if not is_known.all():  # A masked copy costs more than the look.
        np.copyto(out, np.nan, where=~is_known)
    out += 0.0


@helper
def settled(value: float) -> float:
    """Return a finite value as it is, -0.0 as 0.0, and anything else as NaN."""
    # An infinity less itself is NaN. Without fast-math no compiler folds this.
    return value + 0.0 if value - value == 0.0 else NAN


@helper
def needed(bars: int, min_periods: int) -> int:
    """Return how many bars of a window must be finite; 0 stands for all of them."""
    return min_periods if 0 < min_periods < bars else bars
