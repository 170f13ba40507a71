"""The inverse of the normal distribution, by Wichura's algorithm AS 241 (PPND16).

About 16 digits for shares from 1e-300 up to the last float below 1. Three quotients of
polynomials: one for the middle, two for the tails.
"""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..kernels import Panel, Row

    Values = TypeVar("Values", Panel, Row)

MIDDLE = 0.425  # As far from a half as the first quotient goes.
MIDDLE_SQUARE = 0.180625
TAIL = 5.0  # The root of minus the share's logarithm at which the far tail begins.
NEAR = 1.6
MIDDLE_OVER = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
)
MIDDLE_UNDER = (
    1.0,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
TAIL_OVER = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
)
TAIL_UNDER = (
    1.0,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
FAR_OVER = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
)
FAR_UNDER = (
    1.0,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)


def normal_quantile(share: "Panel") -> "Panel":
    """Return the normal values below which the shares of all values lie; NaN outside (0, 1)."""
    import numpy as np

    from_half = share - 0.5
    found = from_half * _quotient(MIDDLE_SQUARE - from_half * from_half, MIDDLE_OVER, MIDDLE_UNDER)
    is_tail = np.abs(from_half) > MIDDLE
    found[is_tail] = _tails(share[is_tail])
    found[~((share > 0.0) & (share < 1.0))] = np.nan
    return found


def _tails(share: "Row") -> "Row":
    import numpy as np

    root = np.sqrt(-np.log(np.minimum(share, 1.0 - share)))
    found = _quotient(root - NEAR, TAIL_OVER, TAIL_UNDER)
    is_far = root > TAIL
    found[is_far] = _quotient(root[is_far] - TAIL, FAR_OVER, FAR_UNDER)
    return np.copysign(found, share - 0.5)


def _quotient(x: "Values", over: "Sequence[float]", under: "Sequence[float]") -> "Values":
    top = _polynomial(x, over)
    top /= _polynomial(x, under)
    return top


def _polynomial(x: "Values", coefficients: "Sequence[float]") -> "Values":
    total = coefficients[-1] * x
    for coefficient in coefficients[-2:0:-1]:
        total += coefficient
        total *= x
    total += coefficients[0]
    return total
