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
from .room import CHANGE, NONE, SIZE, VARIANCE
from .sums import total, worth

if TYPE_CHECKING:
    from ...dsl.kernels import Integers, Panel, Row

    Panels = tuple[Panel, ...]


@helper
def begin(row: int, first: int, events: "Panels", places: "Integers", counts: "Integers") -> int:
    """Return the place of the event that is booked in a row and held from ``first`` on."""
    last = int(counts[LAST])
    if places[0, last] == row and places[1, last] == first:
        return last
    counts[LAST] = last + 1
    places[0, last + 1], places[1, last + 1] = row, first
    clear(last + 1, events)
    copy(events[UNITS][last], events[UNITS][last + 1])
    return last + 1


@helper
def clear(place: int, events: "Panels") -> None:
    """Begin an event: nothing held, nothing traded."""
    for which in events:
        event = which[place]
        for i in range(event.shape[0]):
            event[i] = 0.0


@helper
def count_gains(units: "Row", prices: "Row", gains: "Row", since: "Row") -> None:
    """Add what positions gained since they were last looked at, and look at them now."""
    for i in range(units.shape[0]):
        gained = units[i] * (prices[i] - since[i])
        gains[i] += gained if units[i] != 0.0 else 0.0
        since[i] = prices[i]


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
    change, size, row = book.room[CHANGE], book.room[SIZE], t - book.start
    book.counts[TRADES] += fill(change, price, size, book.events[UNITS][place])
    slip = book.terms[SLIP] if is_order else 0.0
    pay(size, 1.0, book.events[SIZES][place])
    pay(size, fee, book.events[EVENT_FEES][place])
    traded, paid = total(size), 0.0
    if slip > 0.0:
        pay(size, slip, book.events[EVENT_SLIPPAGE][place])
    if is_order and book.terms[IMPACT] > 0.0:
        paid = press(t, size, book.events[EVENT_IMPACT][place], book)
    book.series[TRADED, row] += traded
    book.series[FEES, row] += traded * fee
    book.series[SLIPPAGE, row] += traded * slip
    book.series[IMPACTS, row] += paid
    return worth(change, price) + traded * fee + traded * slip + paid


@helper
def fill(change: "Row", price: "Row", size: "Row", units: "Row") -> int:
    """Change the units, write the notional of each trade; return how many there are."""
    count = 0
    for i in range(change.shape[0]):
        traded = abs(change[i] * price[i])
        units[i] += change[i] if traded > 0.0 else 0.0
        size[i] = traded
        count += 1 if traded > 0.0 else 0
    return count


@helper
def pay(size: "Row", rate: float, paid: "Row") -> None:
    """Add a share of the notional of trades."""
    for i in range(size.shape[0]):
        paid[i] += size[i] * rate


@helper
def press(t: int, size: "Row", impacts: "Row", book: Book) -> float:
    """Add what trades pay for their own pressure; return the sum."""
    variance, volumes, whole = book.room[VARIANCE], _volumes(t, book), 0.0
    for i in range(size.shape[0]):
        if size[i] == 0.0:
            continue
        is_known = volumes[i] > 0.0 and volumes[i] - volumes[i] == 0.0 and variance[i] > 0.0
        book.counts[UNKNOWN_IMPACT] += 0 if is_known else 1
        paid = _impact(size[i], volumes[i], variance[i], book.terms) if is_known else 0.0
        impacts[i] += paid
        whole += paid
    return whole


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
