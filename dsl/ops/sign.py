"""``sign(x)``: which side of 0 a value is on."""

from ..kernels import NAN, Panel, kernel
from ..laws import Laws, X
from ..nodes import Node, operator
from ..rules import panel, pure


@operator("sign")
class Sign(Node):
    """-1, 0 or 1."""

    x: Node

    kind = panel
    unit = pure
    laws = Laws(odd=X, scale_free=X, once=True)
    example = "sign(returns(close))"


@kernel(Sign)
def sign(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write the sign, or NaN."""
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            value = x[row, column]
            side = (1.0 if value > 0.0 else 0.0) - (1.0 if value < 0.0 else 0.0)
            out[row, column] = side if value == value else NAN  # noqa: PLR0124  # NaN.
