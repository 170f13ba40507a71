"""How well the least-squares line of ``x`` on ``y`` fits over a window.

Joined from the pieces of ``comoments``. Where ``y`` is constant its squares are exactly 0 and the
fit is 0 / 0: missing.
"""

from typing import TYPE_CHECKING

from ..kernels import helper
from .comoments import correlation_of

if TYPE_CHECKING:
    from ..kernels import Panel, Row


@helper
def answer_fit(
    _x: "Row",
    older: "Panel",
    older_bars: int,
    newer: "Panel",
    newer_bars: int,
    _need: int,
    out: "Row",
) -> None:
    """Write the share of x's variance that the line explains."""
    between = older_bars * newer_bars / float(older_bars + newer_bars)
    for i in range(out.shape[0]):
        both = correlation_of(older, newer, between, i)
        out[i] = both * both
