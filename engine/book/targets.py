"""From target weights to a change of units: leverage, turnover, lots, the smallest order."""

import math
from typing import TYPE_CHECKING

from ...dsl.kernels import helper
from .bar import is_price
from .book import Book
from .places import BOUND, FROZEN, HAS_STEPS, LEVERAGE, NOTIONAL_MIN, TOO_SMALL, TURNOVER_MAX
from .room import CHANGE, HERE

if TYPE_CHECKING:
    from ...dsl.kernels import Row


@helper
def aim(t: int, target: "Row", equity: float, units: "Row", book: Book) -> None:
    """Write the change of units that brings the book to its target; no bar, no order."""
    opens, closes, here = book.market[0][t], book.market[1][t], book.room[HERE]
    change = book.room[CHANGE]
    share, asked = _share(target, book), 0.0
    for i in range(target.shape[0]):
        change[i] = 0.0
        if is_price(opens[i]) and is_price(closes[i]):
            change[i] = target[i] * share * equity / here[i] - units[i]
            asked += abs(change[i] * here[i])
        elif target[i] != 0.0 or units[i] != 0.0:
            book.counts[FROZEN] += 1
    hold_back(asked / equity, book.terms[TURNOVER_MAX], change)
    if book.terms[HAS_STEPS] > 0.0:
        round_off(here, units, change, book)


@helper
def _share(target: "Row", book: Book) -> float:
    """Return the share of the target that the leverage lets be held."""
    gross, limit = 0.0, float(book.terms[LEVERAGE])
    for i in range(target.shape[0]):
        gross += abs(target[i])
    if not 0.0 < limit < gross:
        return 1.0
    book.counts[BOUND] += 1
    return limit / gross


@helper
def hold_back(asked: float, limit: float, change: "Row") -> None:
    """Cut trades in one proportion where they would turn over more than the limit."""
    if 0.0 <= limit < asked:
        for i in range(change.shape[0]):
            change[i] *= limit / asked


@helper
def round_off(here: "Row", units: "Row", change: "Row", book: Book) -> None:
    """Bring trades to whole lots, and leave out those below the smallest notional."""
    for i in range(change.shape[0]):
        if change[i] == 0.0:
            continue
        wanted = rounded(units[i] + change[i], book.names[1, i])
        moved = wanted - units[i]
        # An exit is always whole: what is left of a lot must not stay for ever.
        is_small = abs(moved) * here[i] < book.terms[NOTIONAL_MIN] and wanted != 0.0
        book.counts[TOO_SMALL] += 1 if is_small or moved == 0.0 else 0
        change[i] = 0.0 if is_small else moved


@helper
def rounded(units: float, lot: float) -> float:
    """Cut units toward zero to whole lots; no lot, no cut."""
    if lot <= 0.0:
        return units
    # A count that is whole but for rounding stays whole.
    return math.copysign(math.floor(abs(units) / lot * (1.0 + 1e-12)), units) * lot
