"""``signed_power(base, exponent)``: a power that keeps the sign."""

from ..kernels import Panel, array_kernel, blank
from ..laws import Laws
from ..nodes import Node, operator
from ..rules import panel, pure_if_pure


@operator("signed_power")
class SignedPower(Node):
    """The sign of the base times its size to the power."""

    base: Node
    exponent: Node

    kind = panel
    unit = pure_if_pure
    laws = Laws(odd=frozenset({"base"}))
    example = "signed_power(returns(close), 2)"


@array_kernel(SignedPower)
def signed_power(base: Panel, exponent: Panel, _first_bar: int, out: Panel) -> None:
    """Raise the size and give it back its sign; what is missing stays missing."""
    import numpy as np

    np.power(np.abs(base), exponent, out=out)
    out *= np.sign(base)
    blank(out, base, exponent)
