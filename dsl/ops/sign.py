"""``sign(x)``: which side of 0 a value is on."""

from ..kernels import Panel, array_kernel
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


@array_kernel(Sign)
def sign(x: Panel, _first_bar: int, out: Panel) -> None:
    """Write the sign; numpy keeps NaN."""
    import numpy as np

    np.sign(x, out=out)
