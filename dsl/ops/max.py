"""``max(x, y)``: the largest of values, cell by cell."""

from ..kernels import Panel, kernel, settled
from ..nodes import Node, operator
from ..rules import panel, same_unit


@operator("max")
class Max(Node):
    """The largest of the terms; NaN where a term is missing. ``ts_max`` looks along time."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = panel
    unit = same_unit
    example = "max(open, close)"


@kernel(Max)
def max_of(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Keep the larger of what was seen and the next term; what is missing stays."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            best = terms[0][row, column]
            for term in terms[1:]:
                value = term[row, column]
                best = best if best >= value or best != best else value  # noqa: PLR0124  # NaN.
            out[row, column] = settled(best)
