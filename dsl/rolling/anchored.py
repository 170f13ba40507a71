"""Strict windows, counted from one value that every window of a block holds.

Absolute bar index splits time into blocks as long as the window, as in ``windows``. Every window
that ends in a block holds the block's first bar, the anchor: what a window gathers is what was
gathered going back from the anchor (a row of ``tails`` for each number of bars) and what was
gathered since (``head``). Sums of differences from the anchor and of their squares give the
moments. The anchor is one of the window's own ``n`` values, so the squared deviations are at least
the squared differences over ``n``: they cannot cancel beyond that, at any level, and are exactly 0
where the window is constant and nowhere else (differences above 1e-154).

A state is ``width`` rows, one column an instrument, ``empty`` without bars:

``push(x, y, first_x, first_y, place, sign, before, after)``
    adds a bar to the state ``before`` and writes the state ``after``; ``place`` counts bars from
    the anchor, below 0 for those before it.
``step(x, y, first_x, first_y, place, bars, sign, tail, head, out)``
    adds a bar to ``head`` in the same pass that writes the answer of tail and head.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..kernels import buffer, helper

if TYPE_CHECKING:
    from ..kernels import Panel, Row

    Push = Callable[[Row, Row, Row, Row, int, float, Panel, Panel], None]
    Step = Callable[[Row, Row, Row, Row, int, int, float, Panel, Panel, Row], None]


@helper
def roll_anchored(
    x: "Panel",
    y: "Panel",
    bars: int,
    first_bar: int,
    width: int,
    empty: float,
    sign: float,
    push: "Push",
    step: "Step",
    out: "Panel",
) -> None:
    """Fill ``out`` from row ``bars - 1`` on; ``y`` may be ``x``. ``sign`` is handed through."""
    rows, columns = x.shape
    if bars > rows:
        return  # And no buffer as long as the window.
    head, unwanted = buffer(width, columns), buffer(1, columns)
    tails = buffer(bars * width, columns)  # The first state is of no bars at all.
    tails[:width] = empty
    # Windows that end in a block which began before row 0 began before it, too.
    for start in range(-first_bar % bars, rows, bars):
        for back in range(1, min(bars - 1, start) + 1):
            t, at = start - back, back * width
            before, after = tails[at - width : at], tails[at : at + width]
            push(x[t], y[t], x[start], y[start], -back, sign, before, after)
        head[:] = empty
        for t in range(start, min(start + bars, rows)):
            at = (bars - 1 - (t - start)) * width
            tail, row = tails[at : at + width], out[t] if t >= bars - 1 else unwanted[0]
            step(x[t], y[t], x[start], y[start], t - start, bars, sign, tail, head, row)


@helper
def gather(added: float, row: int, i: int, tail: "Panel", head: "Panel") -> float:
    """Add to a sum of ``head`` and return that of the whole window."""
    total: float = head[row, i] + added  # As numpy's own: a Python float does not divide by 0.
    head[row, i] = total
    total += tail[row, i]
    return total
