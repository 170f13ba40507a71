"""``min(x, y)``: the smallest of values, cell by cell."""

from ..kernels import Panel, kernel, settled
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("min")
class Min(Node):
    """The smallest of the terms; NaN where a term is missing. ``ts_min`` looks along time."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = panel
    unit = same_unit
    example = "min(open, close)"


@kernel(Min)
def min_of(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Keep the smaller of what was seen and the next term; what is missing stays."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            best = terms[0][row, column]
            for term in terms[1:]:
                value = term[row, column]
                best = best if best <= value or best != best else value  # noqa: PLR0124  # NaN.
            out[row, column] = settled(best)
