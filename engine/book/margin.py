"""Whether an account's margin holds, and what is done when it does not: all is closed for good."""

from typing import TYPE_CHECKING

from ...dsl.kernels import helper
from .book import Book, held
from .places import FEE, GAIN, LIQUIDATION_FEE, MAINTENANCE, RUINED, UNITS
from .room import CHANGE, MARKED, SINCE
from .sums import notional, worth
from .trades import begin, count_gains, exchange

if TYPE_CHECKING:
    from ...dsl.kernels import Row


@helper
def is_called(cash: float, book: Book) -> bool:
    """Tell whether equity at mark prices is below the maintenance margin of what is held."""
    units, marks = held(book), book.room[MARKED]
    size = notional(units, marks)
    return size > 0.0 and cash + worth(units, marks) < book.terms[MAINTENANCE] * size


@helper
def liquidate(cash: float, t: int, first: int, prices: "Row", book: Book) -> float:
    """Close everything for good, flat from the row ``first`` on; return the cash."""
    place = begin(t - book.start, first - book.start, book.events, book.places, book.counts)
    units = book.events[UNITS][place]
    count_gains(units, prices, book.names[2 + GAIN], book.room[SINCE])
    for i in range(units.shape[0]):
        book.room[CHANGE, i] = -units[i]
    book.counts[RUINED] = t - book.start + 1
    fee = book.terms[FEE] + book.terms[LIQUIDATION_FEE]
    return cash - exchange(t, place, prices, fee, True, book)
