"""A book's events spread over all bars: matrices for those who ask for them."""

from typing import TYPE_CHECKING

from ...dsl.kernels import buffer, helper
from .bar import copy, is_price, is_settling, look, mark_row, settle
from .places import EQUITY, LAST, UNITS

if TYPE_CHECKING:
    from ...dsl.kernels import Integers, Panel, Row

    Panels = tuple[Panel, ...]

HERE, NOW, BEFORE, MARKED, HELD = range(5)
ROOM = 5


def spread(
    market: "Panels",
    names: "Panel",
    rows: "Integers",
    start: int,
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
    held: "Panel",
    weights: "Panel",
    funding: "Panel",
    gains: "Panel",
) -> None:
    """Write, ``[bar, instrument]``, units held, weights at the close, funding, gains from prices.

    A bar's units are those after the trades at its open. Units that pass from one bar to the next
    gain between close and open, the others inside a bar.
    """
    room = buffer(ROOM, market[0].shape[1])
    for t in range(start):
        look(market[0][t], market[1][t], room[HERE], room[NOW])
    event, last = 0, counts[LAST]
    for row in range(series.shape[1]):
        t = row + start
        copy(room[NOW], room[BEFORE])
        look(market[0][t], market[1][t], room[HERE], room[NOW])
        _settled(market, t, room, funding[row])
        while event < last and places[1, event + 1] <= row:
            event += 1
        units = events[UNITS][event]
        copy(units, held[row])
        ahead = event
        # What a liquidation at the close does is booked in this bar and held from the next.
        while ahead < last and places[0, ahead + 1] <= row:
            ahead += 1
        at_close, equity = events[UNITS][ahead], series[EQUITY, row]
        for i in range(units.shape[0]):
            leave = room[HERE, i]
            if rows[1, t] > 0 and rows[2, i] <= t and is_price(names[0, i]):
                leave = names[0, i]
            gains[row, i] = room[HELD, i] * (leave - room[BEFORE, i])
            gains[row, i] += units[i] * (room[NOW, i] - room[HERE, i])
            weights[row, i] = at_close[i] * room[NOW, i] / equity if equity > 0.0 else 0.0
        copy(at_close, room[HELD])


@helper
def _settled(market: "Panels", t: int, room: "Panel", funding: "Row") -> None:
    if market[4].shape[0] == 0 or not is_settling(market[4][t]):
        return
    mark_row(market[2], t, room[HERE], room[MARKED])
    settle(room[HELD], room[MARKED], market[4][t], funding)
