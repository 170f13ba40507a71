"""``norm_ppf(x)``: the normal value of a share."""

from ..kernels import Panel, array_kernel
from ..laws import Laws
from ..nodes import Node, operator
from ..rolling.normal import normal_quantile
from ..rules import panel, pure_if_pure

ROWS = 64


@operator("norm_ppf")
class NormPpf(Node):
    """The normal value below which a share of all values lies, to 15 digits; NaN outside (0, 1)."""

    x: Node

    kind = panel
    unit = pure_if_pure
    laws = Laws(keeps_order=True)
    example = "norm_ppf(ts_rank(returns, 7d) - 0.001)"


@array_kernel(NormPpf)
def norm_ppf(x: Panel, _first_bar: int, out: Panel) -> None:
    """Ask for the inverse of the normal distribution."""
    # A block at a time: what is computed on the way then stays near.
    for start in range(0, len(x), ROWS):
        out[start : start + ROWS] = normal_quantile(x[start : start + ROWS])
