"""A signal that is missing too often is refused, not traded around (SAFETY D5).

A name counts at a decision when it is in the universe and past its warm-up: it has had bars for as
long as the formula looks back, and has been in the universe for as long as the formula looks back
over values that only exist inside it (``ts_mean(rank(close), 24h)``). So neither a new listing nor
a name that has just entered the universe counts as missing.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..dsl.nodes import Axis, Node, walk
from .grid import instant_text

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel

MISSING_SHARE_MAX = 0.20
NAMES_SHOWN = 5


def check_missing(
    signal: "Matrix",
    mask: NDArray[np.bool_],
    panel: "Panel",
    rows: NDArray[np.int64],
    root: Node,
) -> None:
    """Refuse a signal that is missing for more than a fifth of the names at some decision.

    Raises:
        InvalidInputError: naming the first such decision and the names.
    """
    counts = mask & is_warm(mask, panel, root)
    is_missing = counts & ~np.isfinite(signal)
    expected = counts[rows].sum(axis=1)
    missing = is_missing[rows].sum(axis=1)
    over = np.flatnonzero(missing > MISSING_SHARE_MAX * expected)
    if not len(over):
        return
    first = int(over[0])
    row = int(rows[first])
    names = [panel.symbols[column] for column in np.flatnonzero(is_missing[row])]
    shown = ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
    raise InvalidInputError(
        f"the signal is missing for {missing[first]} of {expected[first]} instruments at "
        f"`{instant_text(int(panel.times[row]))}` ({shown}), more than "
        f"{MISSING_SHARE_MAX:.0%}; {len(over)} of {len(rows)} decisions are like that",
        code="AF911",
        help="choose a window or a universe where the fields are there, shorten the look-back, say "
        "with `fill(x, 0)` what a missing value counts as, or see the gaps with "
        "`alphaforge data check`",
    )


def is_warm(mask: NDArray[np.bool_], panel: "Panel", root: Node) -> NDArray[np.bool_]:
    """Tell the cells where a formula could have a value, were no bar missing."""
    look_back, look_back_inside = warmups(root)
    has_bar = np.isfinite(panel.fields["close"])
    bars_seen = np.arange(len(has_bar))[:, None] - _first_row(has_bar)
    return (bars_seen >= look_back) & (_bars_inside(mask) > look_back_inside)


def warmups(root: Node) -> tuple[int, int]:
    """Count the bars a formula looks back on in all, and on values across instruments alone."""
    total: dict[int, int] = {}
    inside: dict[int, int | None] = {}
    for node in walk(root):
        own = node.warmup_bars()
        children = node.children()
        total[id(node)] = own + max((total[id(child)] for child in children), default=0)
        below = [found for child in children if (found := inside[id(child)]) is not None]
        deepest = own + max(below) if below else None
        if node.axis is Axis.CROSS:
            deepest = max(deepest or 0, 0)
        inside[id(node)] = deepest
    return total[id(root)], inside[id(root)] or 0


def _first_row(has_bar: NDArray[np.bool_]) -> NDArray[np.int64]:
    first = np.argmax(has_bar, axis=0)
    return np.where(has_bar.any(axis=0), first, len(has_bar)).astype(np.int64)


def _bars_inside(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count, at each cell, the bars in a row for which the name has been in the universe."""
    rows = np.arange(1, len(mask) + 1)[:, None]
    last_outside = np.maximum.accumulate(np.where(mask, 0, rows), axis=0)
    return (rows - last_outside).astype(np.int64)
