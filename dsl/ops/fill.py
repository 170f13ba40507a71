"""``fill(x, value)``: something in place of what is missing."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("fill")
class Fill(Node):
    """The value, or the second one where the first is missing.

    A bar at which an instrument is not traded, or is outside of the universe, is filled too.
    Operators that look across instruments leave out whoever is outside of the universe all the
    same; of those inside they then see all.
    """

    x: Node
    value: Node

    kind = panel
    unit = same_unit
    laws = Laws(answers_missing=True)
    example = "rank(fill(funding_rate, 0))"


@array_kernel(Fill)
def fill(x: Panel, value: Panel, _first_bar: int, out: Panel) -> None:
    """Take the second where the first is not finite."""
    import numpy as np

    out[:] = np.where(np.isfinite(x), x, value)
