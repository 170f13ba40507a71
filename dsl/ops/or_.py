"""``left or right``: whether any of the terms hold."""

from ..kernels import NAN, Panel, kernel
from ..nodes import Node, operator
from ..rules import boolean


@operator("or_")
class Or(Node):
    """1 where a term is not 0, else 0; NaN where a term is missing, whatever the others say."""

    terms: tuple[Node, ...]

    is_commutative = True
    kind = boolean
    condition_inputs = frozenset({"terms"})
    example = "(close > open) or (volume > 0)"


@kernel(Or)
def or_(terms: tuple[Panel, ...], _first_bar: int, out: Panel) -> None:
    """Write 1, 0 or NaN: one missing term makes the answer missing."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            answer = terms[0][row, column]
            for term in terms[1:]:
                value = term[row, column]
                is_true = 1.0 if answer != 0.0 or value != 0.0 else 0.0
                is_missing = answer != answer or value != value  # noqa: PLR0124  # NaN.
                answer = NAN if is_missing else is_true
            out[row, column] = answer
