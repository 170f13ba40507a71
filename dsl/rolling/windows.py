"""Rolling windows without running subtraction: each is joined from two pieces, whatever was cut.

1. Absolute bar index, not the place in the buffer, splits time into blocks as long as the window.
2. A window of ``bars`` touches two blocks at most: the tail of one and the head of the next.
3. ``head`` grows forward through a block; ``tails`` keeps what its last k bars hold, for every k,
   gathered backward once the block is over.
4. The answer at a bar is made from head and tail.

So a window's value depends on its own bars and on where the blocks begin: nothing drifts, an
infinity is forgotten with its window, constant windows stay exactly constant, and any chunk with
``bars - 1`` rows of warm-up gives the same bytes. Van Herk (1992) and Gil and Werman (1993)
did this for maxima. Work is two pushes and one answer a cell, however long the window.

What a window gathers is a small state, one row of ``state`` a number, one column an instrument:

``push(x, y, state, count, way)``
    takes one more bar of all instruments; ``count`` bars are in with it. ``way`` is 1 when
    the bar is newer than those before, -1 when it is older.
``answer(x, older, older_bars, newer, newer_bars, need, out)``
    writes one row from a tail, a head and the newest bar's values.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..kernels import buffer, helper

if TYPE_CHECKING:
    from ..kernels import Panel, Row

    Push = Callable[[Row, Row, Panel, int, int], None]
    Answer = Callable[[Row, Panel, int, Panel, int, int, Row], None]


@helper
def roll(
    x: "Panel",
    y: "Panel",
    bars: int,
    need: int,
    first_bar: int,
    width: int,
    push: "Push",
    answer: "Answer",
    out: "Panel",
) -> None:
    """Fill ``out`` from row ``bars - 1`` on; a state has ``width`` numbers, ``y`` may be ``x``."""
    rows, columns = x.shape
    if bars > rows:
        return  # And no buffer as long as the window.
    head = buffer(width, columns)
    tails = buffer((bars + 1) * width, columns)  # The last state is of no bars at all.
    for block in range(-(first_bar % bars), rows, bars):
        first, stop = max(block, 0), min(block + bars, rows)
        head[:] = 0.0
        for t in range(first, stop):
            count = t - block + 1
            push(x[t], y[t], head, count, 1)
            if t >= bars - 1:
                at = count * width
                answer(x[t], tails[at : at + width], bars - count, head, count, need, out[t])
        for t in range(stop - 1, first - 1, -1):
            at = (t - block) * width
            tails[at : at + width] = tails[at + width : at + 2 * width]
            push(x[t], y[t], tails[at : at + width], block + bars - t, -1)
