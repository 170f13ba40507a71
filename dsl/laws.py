"""What an operator does to signs, scales, orders and lags: exact laws of its kernel.

An operator states them once, in its class; the rewrites, the families and the structural vectors
read them there. Tests try each on kernels, on every operator. A law holds bit for bit wherever
the numbers between stay within float64: doubling what is close to its ends may overflow or
underflow in one form alone, so a value near 1e308 may go missing and one near 1e-308 may lose
digits. Nothing else depends on that, since what is evaluated is always the canonical form.
"""

from dataclasses import dataclass

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Laws:
    """Sets hold the names of inputs; what is not stated is not relied on."""

    odd: frozenset[str] = _NONE  # op(-x) is -op(x)
    even: frozenset[str] = _NONE  # op(-x) is op(x)
    scale_free: frozenset[str] = _NONE  # op(2 * x) is op(x)
    scaled: frozenset[str] = _NONE  # op(2 * x) is 2 * op(x)
    mirror: str = ""  # op(-x) is -mirror(x), the name of another operator
    swaps: str = ""  # op(-x) is swaps(x), the name of another operator
    turns: frozenset[str] = _NONE  # op(-x) orders as -op(x) does, though it is another number
    keeps_order: bool = False  # at each bar the results stand in the order of the first input
    once: bool = False  # op(op(x)) is op(x), with the same parameters
    plain_at_one_bar: bool = False  # op(x, 1) is x
    lags_through: bool = False  # op(delay(x, d)) is delay(op(x), d), where no bar may be missing
    answers_missing: bool = False  # may have an answer at a bar where its inputs are missing


NO_LAWS = Laws()
X = frozenset({"x"})
XY = frozenset({"x", "y"})
