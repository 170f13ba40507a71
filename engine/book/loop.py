"""The loop over bars; the order of things inside a bar is told in ``docs/accounting.md``.

1. Funding settles at the open on the units held before any trade.
2. What had its last bar before this one is closed: at its settlement price, or its last close.
3. The margin is checked at the open's mark prices.
4. Targets decided ``delay`` bars before are traded at the open.
5. The book is marked at the close, and its margin is checked there too.
"""

from typing import TYPE_CHECKING

from ...dsl.kernels import buffer, helper
from .bar import copy, fade, is_price, is_settling, look, mark_row, settle
from .book import Book, held
from .margin import is_called, liquidate
from .places import (
    CAPITAL,
    CROSSED,
    DROPPED,
    EQUITY,
    FEE,
    FUNDING,
    GAIN,
    GROSS,
    IMPACT,
    LAST,
    MAINTENANCE,
    NET,
    PAID,
    RUINED,
    UNITS,
)
from .room import BEFORE, CHANGE, HERE, MARKED, NOW, PRICE, ROOM, SINCE, VARIANCE
from .sums import both, total, worth
from .targets import aim
from .trades import begin, clear, count_gains, exchange

if TYPE_CHECKING:
    from ...dsl.kernels import Integers, Panel, Row

    Panels = tuple[Panel, ...]


def run(
    market: "Panels",
    weights: "Panel",
    names: "Panel",
    terms: "Row",
    rows: "Integers",
    start: int,
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
) -> None:
    """Trade the targets from row ``start`` on and write what happened; ``book`` has the arrays."""
    opens, closes, rates = market[0], market[1], market[4]
    room = buffer(ROOM, opens.shape[1])
    book = Book(market, names, terms, rows, start, room, series, events, places, counts)
    clear(0, events)
    look_back(book)
    cash, has_margin = terms[CAPITAL], terms[MAINTENANCE] > 0.0
    for t in range(start, opens.shape[0]):
        # Written out: handing the whole book to a step costs more than most steps do.
        counts[DROPPED] += look(opens[t], closes[t], room[HERE], room[NOW])
        is_due = rates.shape[0] > 0 and is_settling(rates[t])
        if is_due or has_margin or rows[1, t] > 0:
            cash = open_bar(cash, t, is_due, book)
        if rows[0, t] >= 0 and counts[RUINED] == 0:
            cash = rebalance(cash, t, weights[rows[0, t]], book)
        net, size = both(events[UNITS][counts[LAST]], room[NOW])
        if size > 0.0 and (has_margin or cash + net <= 0.0) and counts[RUINED] == 0:
            cash = close_bar(cash, t, book)
            net, size = (0.0, 0.0) if counts[RUINED] > 0 else (net, size)
        series[EQUITY, t - start] = cash + net
        series[GROSS, t - start] = size
        series[NET, t - start] = net
        if terms[IMPACT] > 0.0:
            learn(room)
    count_gains(held(book), room[NOW], names[2 + GAIN], room[SINCE])


@helper
def look_back(book: Book) -> None:
    """Read the bars before the first simulated one: prices known, and how much they moved."""
    room = book.room
    for t in range(book.start):
        opens, closes = book.market[0][t], book.market[1][t]
        book.counts[DROPPED] += look(opens, closes, room[HERE], room[NOW])
        if book.terms[IMPACT] > 0.0:
            learn(room)


@helper
def learn(room: "Panel") -> None:
    """Take from a bar that is over how much prices move."""
    fade(room[BEFORE], room[NOW], room[VARIANCE])
    copy(room[NOW], room[BEFORE])


@helper
def open_bar(
    cash: float,
    t: int,
    is_due: bool,  # noqa: FBT001  # Compiled functions take no names.
    book: Book,
) -> float:
    """Settle funding, close what is gone, check the margin; return the cash."""
    has_margin = book.terms[MAINTENANCE] > 0.0
    if is_due or has_margin:
        mark_row(book.market[2], t, book.room[HERE], book.room[MARKED])
    if is_due:
        cash -= fund(t, book)
    if book.rows[1, t] > 0:
        cash = close_gone(cash, t, book)
    if has_margin and book.counts[RUINED] == 0 and is_called(cash, book):
        cash = liquidate(cash, t, t, book.room[HERE], book)
    return cash


@helper
def fund(t: int, book: Book) -> float:
    """Settle funding on what is held; return what is paid."""
    units, paid = held(book), book.room[PRICE]
    book.counts[CROSSED] += settle(units, book.room[MARKED], book.market[4][t], paid)
    whole = total(paid)
    book.series[FUNDING, t - book.start] = whole
    for i in range(units.shape[0]):
        book.names[2 + PAID, i] += paid[i]
    return whole


@helper
def close_gone(cash: float, t: int, book: Book) -> float:
    """Close what has no bar from this row on, at its settlement price or its last close."""
    names, room = book.names, book.room
    place = begin(t - book.start, t - book.start, book.events, book.places, book.counts)
    units = book.events[UNITS][place]
    for is_order in (False, True):
        for i in range(units.shape[0]):
            is_settled = is_price(names[0, i])
            is_meant = book.rows[2, i] <= t and units[i] != 0.0 and is_settled != is_order
            room[CHANGE, i] = -units[i] if is_meant else 0.0
            room[PRICE, i] = names[0, i] if is_meant and is_settled else room[HERE, i]
        count_gains(units, room[PRICE], names[2 + GAIN], room[SINCE])
        cash -= exchange(t, place, room[PRICE], book.terms[FEE], is_order, book)
    return cash


@helper
def rebalance(cash: float, t: int, target: "Row", book: Book) -> float:
    """Trade to the target at the open; a book without equity there is closed for good."""
    here = book.room[HERE]
    equity = cash + worth(held(book), here)
    if equity <= 0.0:
        return liquidate(cash, t, t, here, book)
    place = begin(t - book.start, t - book.start, book.events, book.places, book.counts)
    units = book.events[UNITS][place]
    aim(t, target, equity, units, book)
    count_gains(units, here, book.names[2 + GAIN], book.room[SINCE])
    return cash - exchange(t, place, here, book.terms[FEE], True, book)


@helper
def close_bar(cash: float, t: int, book: Book) -> float:
    """Check the book at the close; where it does not hold, close it for good."""
    now = book.room[NOW]
    is_over = cash + worth(held(book), now) <= 0.0
    if book.terms[MAINTENANCE] > 0.0 and not is_over:
        mark_row(book.market[3], t, now, book.room[MARKED])
        is_over = is_called(cash, book)
    return liquidate(cash, t, t + 1, now, book) if is_over else cash
