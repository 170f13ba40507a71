"""From target weights to a change of units: leverage, turnover, lots, the smallest order."""

import math
from typing import TYPE_CHECKING

from ...dsl.kernels import helper
from .bar import INFINITY
from .book import Book
from .places import BOUND, FROZEN, HAS_STEPS, LEVERAGE, NOTIONAL_MIN, TOO_SMALL, TURNOVER_MAX
from .room import CHANGE, HERE
from .sums import notional, size_of

if TYPE_CHECKING:
    from ...dsl.kernels import Row


@helper
def aim(t: int, target: "Row", equity: float, units: "Row", book: Book) -> None:
    """Write the change of units that brings the book to its target; no bar, no order."""
    opens, closes, here = book.market[0][t], book.market[1][t], book.room[HERE]
    change = book.room[CHANGE]
    money = _share(target, book) * equity
    book.counts[FROZEN] += differ(opens, closes, here, target, money, units, change)
    if book.terms[TURNOVER_MAX] >= 0.0:
        hold_back(notional(change, here) / equity, book.terms[TURNOVER_MAX], change)
    if book.terms[HAS_STEPS] > 0.0:
        round_off(here, units, change, book)


@helper
def differ(
    opens: "Row",
    closes: "Row",
    here: "Row",
    target: "Row",
    money: float,
    units: "Row",
    change: "Row",
) -> int:
    """Write how many units lack to the target; return how many orders have no bar."""
    frozen = 0
    for i in range(target.shape[0]):
        first, last, wanted, have = opens[i], closes[i], target[i], units[i]
        # Written out and without a branch: several names are taken at once.
        is_open = (first > 0.0) & (first < INFINITY) & (last > 0.0) & (last < INFINITY)
        price = here[i] if is_open else 1.0
        lacking = wanted * money / price - have
        change[i] = lacking if is_open else 0.0
        frozen += 1 if (not is_open) & ((wanted != 0.0) | (have != 0.0)) else 0
    return frozen


@helper
def _share(target: "Row", book: Book) -> float:
    """Return the share of the target that the leverage lets be held."""
    limit = float(book.terms[LEVERAGE])
    gross = size_of(target) if limit > 0.0 else 0.0
    if gross <= limit:
        return 1.0
    book.counts[BOUND] += 1
    return limit / gross


@helper
def hold_back(asked: float, limit: float, change: "Row") -> None:
    """Cut trades in one proportion where they would turn over more than the limit."""
    if limit < asked:
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
