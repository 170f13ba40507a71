"""How a trade is booked: into an event, with what it costs."""

import math
from typing import TYPE_CHECKING

from ...dsl.kernels import helper
from .bar import copy
from .book import Book
from .places import (
    EVENT_FEES,
    EVENT_IMPACT,
    EVENT_SLIPPAGE,
    FEES,
    GAIN,
    IMPACT,
    IMPACTS,
    LAST,
    SIZES,
    SLIP,
    SLIPPAGE,
    TRADED,
    TRADES,
    UNITS,
    UNKNOWN_IMPACT,
)
from .room import CHANGE, NONE, SINCE, VARIANCE
from .sums import worth

if TYPE_CHECKING:
    from ...dsl.kernels import Row


@helper
def begin(t: int, first: int, book: Book) -> int:
    """Return the place of the event that is booked at ``t`` and held from ``first`` on."""
    last, row, start = int(book.counts[LAST]), t - book.start, first - book.start
    places, units = book.places, book.events[UNITS]
    if places[0, last] == row and places[1, last] == start:
        return last
    book.counts[LAST] = last + 1
    places[0, last + 1], places[1, last + 1] = row, start
    copy(units[last], units[last + 1])
    return last + 1


@helper
def count_gains(units: "Row", prices: "Row", book: Book) -> None:
    """Add what positions gained since they were last looked at."""
    names, room = book.names, book.room
    for i in range(units.shape[0]):
        if units[i] != 0.0:
            names[2 + GAIN, i] += units[i] * (prices[i] - room[SINCE, i])
        room[SINCE, i] = prices[i]


@helper
def exchange(
    t: int,
    place: int,
    price: "Row",
    fee: float,
    is_order: bool,  # noqa: FBT001  # Compiled functions take no names.
    book: Book,
) -> float:
    """Trade the change that stands in the room, at prices; return the cash it takes.

    What is no order, a settlement, pays its fee and neither slips nor presses.
    """
    change, variance, volumes = book.room[CHANGE], book.room[VARIANCE], _volumes(t, book)
    units, sizes = book.events[UNITS][place], book.events[SIZES][place]
    fees, slippage = book.events[EVENT_FEES][place], book.events[EVENT_SLIPPAGE][place]
    impacts, counts, row = book.events[EVENT_IMPACT][place], book.counts, t - book.start
    slip = book.terms[SLIP] if is_order else 0.0
    traded = paid_fees = paid_slips = paid_impacts = 0.0
    for i in range(change.shape[0]):
        size = abs(change[i] * price[i])
        if size == 0.0:
            continue
        counts[TRADES] += 1
        units[i] += change[i]
        sizes[i] += size
        fees[i] += size * fee
        slippage[i] += size * slip
        paid = 0.0
        if is_order and book.terms[IMPACT] > 0.0:
            is_known = volumes[i] > 0.0 and volumes[i] - volumes[i] == 0.0 and variance[i] > 0.0
            counts[UNKNOWN_IMPACT] += 0 if is_known else 1
            paid = _impact(size, volumes[i], variance[i], book.terms) if is_known else 0.0
        impacts[i] += paid
        traded += size
        paid_fees += size * fee
        paid_slips += size * slip
        paid_impacts += paid
    book.series[TRADED, row] += traded
    book.series[FEES, row] += paid_fees
    book.series[SLIPPAGE, row] += paid_slips
    book.series[IMPACTS, row] += paid_impacts
    return worth(change, price) + paid_fees + paid_slips + paid_impacts


@helper
def _volumes(t: int, book: Book) -> "Row":
    """Return the bar's quote volumes, zeros where none are known."""
    volumes: Row = book.market[5][t] if book.market[5].shape[0] > 0 else book.room[NONE]
    return volumes


@helper
def _impact(size: float, volume: float, variance: float, terms: "Row") -> float:
    """Return what a trade pays for its own pressure, by the square-root law.

    Cost over notional is coefficient x deviation of a bar's return x sqrt(notional / volume of the
    bar in money): Almgren, Thum, Hauptmann, Li (2005); Toth et al. (2011).
    """
    return float(size * terms[IMPACT] * math.sqrt(variance * (size / volume)))
