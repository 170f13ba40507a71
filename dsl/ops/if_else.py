"""``if_else(condition, then, otherwise)``: one of two values."""

from ..kernels import NAN, Panel, kernel, settled
from ..nodes import Node, operator
from ..rules import chosen_kind, chosen_unit


@operator("if_else")
class IfElse(Node):
    """``then`` where the condition is not 0, else ``otherwise``; NaN where it is missing.

    What is missing in the branch not taken does no harm.
    """

    condition: Node
    then: Node
    otherwise: Node

    kind = chosen_kind
    unit = chosen_unit
    condition_inputs = frozenset({"condition"})
    example = "if_else(close > open, volume, -volume)"


@kernel(IfElse)
def if_else(condition: Panel, then: Panel, otherwise: Panel, _first_bar: int, out: Panel) -> None:
    """Copy the branch taken, cell by cell."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            # All three are read: a load that hangs on a condition is no vector's.
            one, other, chosen = then[row, column], otherwise[row, column], condition[row, column]
            taken = settled(one if chosen != 0.0 else other)
            out[row, column] = taken if chosen == chosen else NAN  # noqa: PLR0124
