"""What bounds the weights of one decision: net exposure, caps, and a target of volatility.

Each function takes the weights of the names that take part and returns new ones. None looks at
anything later than the decision. How they follow each other is told in ``weights``.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ..core.panel import Matrix

    Row = NDArray[np.float64]

# Sums of weights are compared with this relative slack of float64 rounding.
ROUNDING = 1e-12


def sided(weights: "Row", *, gross: float, net: float) -> "Row":
    """Scale longs to ``(gross + net) / 2`` and shorts to ``(gross - net) / 2``.

    Flat where a side that must hold something is empty.
    """
    long, short = np.maximum(weights, 0.0), np.maximum(-weights, 0.0)
    out = np.zeros(len(weights))
    for side, sign, wanted in (
        (long, 1.0, (gross + net) / 2),
        (short, -1.0, (gross - net) / 2),
    ):
        held = float(side.sum())
        if wanted > 0 and held <= 0:
            return np.zeros(len(weights))
        if wanted > 0:
            out += sign * side * (wanted / held)
    return out


def capped(weights: "Row", cap: float) -> "Row":
    """Cut weights at the cap and hand what was cut to the uncapped names of the same side."""
    if np.abs(weights).max(initial=0.0) <= cap:
        return weights
    long = _capped_side(np.maximum(weights, 0.0), cap)
    short = _capped_side(np.maximum(-weights, 0.0), cap)
    return long - short


def _capped_side(weights: "Row", cap: float) -> "Row":
    wanted = float(weights.sum())
    kept = np.minimum(weights, cap)
    # Each round caps at least one more name, so the loop ends.
    for _ in range(len(weights)):
        has_room = (kept > 0) & (kept < cap)
        missing = wanted - float(kept.sum())
        if missing <= wanted * ROUNDING or not has_room.any():
            break
        room = float(kept[has_room].sum())
        kept[has_room] = np.minimum(kept[has_room] * (1 + missing / room), cap)
    return kept


def group_capped(weights: "Row", groups: "Row", cap: float) -> "Row":
    """Scale each group over the cap down to it; a name of no group is a group of its own."""
    out = weights.copy()
    is_known = np.isfinite(groups)
    for group in np.unique(groups[is_known]):
        is_in = is_known & (groups == group)
        held = float(np.abs(out[is_in]).sum())
        if held > cap:
            out[is_in] *= cap / held
    out[~is_known] = np.clip(out[~is_known], -cap, cap)
    return out


def netted(weights: "Row", *, gross: float, net: float) -> "Row":
    """Scale the side that holds too much down until longs less shorts are ``net`` again.

    Flat where the other side holds too little for any.
    """
    long, short = np.maximum(weights, 0.0), np.maximum(-weights, 0.0)
    over = float(long.sum()) - float(short.sum()) - net
    if abs(over) <= gross * ROUNDING:
        return weights
    side = long if over > 0 else short
    held = float(side.sum())
    if held < abs(over):
        return np.zeros(len(weights))
    side *= (held - abs(over)) / held
    return long - short


def calmed(
    weights: "Row", sample: "Matrix", *, target: float, year_bars: float, room: float = 1.0
) -> "Row":
    """Scale weights down where they would have been more volatile than the target.

    Calmer ones are scaled up to it, but not more than ``room`` times.

    The volatility is that of these weights over the sample, which is ``w' C w`` with the sample's
    covariance matrix ``C``, annualised.
    """
    # Added up by name rather than multiplied as matrices: the same bytes on every machine.
    gains = (sample * weights).sum(axis=1)
    if gains.min() == gains.max():
        return weights
    volatility = float(gains.std(ddof=1)) * float(np.sqrt(year_bars))
    return weights * min(target / volatility, room)
