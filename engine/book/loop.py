"""The loop over bars; the order of things inside a bar is told in ``docs/accounting.md``.

1. Funding settles at the open on the units held before any trade.
2. The margin is checked at the open's mark prices.
3. What had its last bar before this one is closed: at its settlement price, or its last close.
4. Targets decided ``delay`` bars before are traded at the open.
5. The book is marked at the close, and its margin is checked there too.

All matrices are ``[time, instrument]`` of the whole panel; series begin at ``start``.
"""

from typing import TYPE_CHECKING

from ...dsl.kernels import buffer, helper
from .bar import copy, fade, is_price, is_settling, look, mark, settle
from .margin import count_gains, held, is_called, liquidate, volumes_of
from .places import (
    CAPITAL,
    CROSSED,
    DROPPED,
    EQUITY,
    FEE,
    FUNDING,
    GROSS,
    IMPACT,
    MAINTENANCE,
    NET,
    PAID,
    RUINED,
    UNITS,
)
from .room import BEFORE, CHANGE, HERE, MARKED, NOW, PRICE, ROOM, VARIANCE
from .sums import both, total, worth
from .trades import aim, begin, exchange

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
    """Trade the targets and write what happened.

    ``market`` are opens, closes, marks at the open, marks at the close, funding rates and quote
    volumes; an absent one has no rows. ``names`` are, by instrument, the settlement price (NaN:
    none), the lot, and then the totals written. ``rows`` are, by bar, the row of the weights that
    are traded (-1: none) and whether a listing has ended; then, by instrument, the first row
    without it.
    """
    opens, closes, _, _, _, _ = market
    room = buffer(ROOM, opens.shape[1])
    look_back(start, market, terms, room, counts)
    cash, has_margin = terms[CAPITAL], terms[MAINTENANCE] > 0.0
    for t in range(start, opens.shape[0]):
        counts[DROPPED] += look(opens[t], closes[t], room[BEFORE], room[HERE], room[NOW])
        is_due = market[4].shape[0] > 0 and is_settling(market[4][t])
        # Most bars ask for none of these: handing everything over costs more than a bar.
        if is_due or has_margin or rows[1, t] > 0:
            cash = open_bar(
                cash,
                t,
                start,
                is_due,
                market,
                names,
                terms,
                rows,
                room,
                series,
                events,
                places,
                counts,
            )
        if rows[0, t] >= 0 and counts[RUINED] == 0:
            cash = rebalance(
                cash,
                t,
                start,
                market,
                weights[rows[0, t]],
                names,
                terms,
                room,
                series,
                events,
                places,
                counts,
            )
        net, size = both(held(events, counts), room[NOW])
        if size > 0.0 and (has_margin or cash + net <= 0.0) and counts[RUINED] == 0:
            cash = close_bar(
                cash, t, start, market, names, terms, room, series, events, places, counts
            )
            net, size = (0.0, 0.0) if counts[RUINED] > 0 else (net, size)
        series[EQUITY, t - start] = cash + net
        series[GROSS, t - start] = size
        series[NET, t - start] = net
        if terms[IMPACT] > 0.0:
            fade(room[BEFORE], room[NOW], room[VARIANCE])
        copy(room[NOW], room[BEFORE])
    count_gains(held(events, counts), room[NOW], room, names)


@helper
def look_back(
    start: int, market: "Panels", terms: "Row", room: "Panel", counts: "Integers"
) -> None:
    """Read the bars before the first simulated one: prices known, and how much they moved."""
    for t in range(start):
        counts[DROPPED] += look(market[0][t], market[1][t], room[BEFORE], room[HERE], room[NOW])
        if terms[IMPACT] > 0.0:
            fade(room[BEFORE], room[NOW], room[VARIANCE])
        copy(room[NOW], room[BEFORE])


@helper
def open_bar(
    cash: float,
    t: int,
    start: int,
    is_due: bool,  # noqa: FBT001  # Compiled functions take no names.
    market: "Panels",
    names: "Panel",
    terms: "Row",
    rows: "Integers",
    room: "Panel",
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
) -> float:
    """Settle funding, check the margin, close what is gone; return the cash."""
    units = held(events, counts)
    if is_due or terms[MAINTENANCE] > 0.0:
        if market[2].shape[0] > 0:
            mark(market[2][t], room[HERE], room[MARKED])
        else:
            copy(room[HERE], room[MARKED])
    if is_due:
        counts[CROSSED] += settle(units, room[MARKED], market[4][t], room[PRICE])
        paid = total(room[PRICE])
        series[FUNDING, t - start] = paid
        cash -= paid
        for i in range(units.shape[0]):
            names[2 + PAID, i] += room[PRICE, i]
    if (
        terms[MAINTENANCE] > 0.0
        and counts[RUINED] == 0
        and is_called(cash, units, room[MARKED], terms)
    ):
        cash = liquidate(
            cash,
            t,
            t,
            start,
            room[HERE],
            market,
            names,
            terms,
            room,
            series,
            events,
            places,
            counts,
        )
    if rows[1, t] > 0:
        cash = close_gone(
            cash, t, start, market, names, terms, rows, room, series, events, places, counts
        )
    return cash


@helper
def close_gone(
    cash: float,
    t: int,
    start: int,
    market: "Panels",
    names: "Panel",
    terms: "Row",
    rows: "Integers",
    room: "Panel",
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
) -> float:
    """Close what has no bar from this row on, at its settlement price or its last close.

    A settlement is no order: it pays its fee and neither slips nor presses.
    """
    place = begin(t - start, t - start, events, places, counts)
    units = events[UNITS][place]
    for is_order in (False, True):
        for i in range(units.shape[0]):
            is_settled = is_price(names[0, i])
            is_meant = rows[2, i] <= t and units[i] != 0.0 and is_settled != is_order
            room[CHANGE, i] = -units[i] if is_meant else 0.0
            room[PRICE, i] = names[0, i] if is_meant and is_settled else room[HERE, i]
        count_gains(units, room[PRICE], room, names)
        cash -= exchange(
            room[CHANGE],
            room[PRICE],
            volumes_of(market, t, room),
            room[VARIANCE],
            terms[FEE],
            is_order,
            terms,
            place,
            t - start,
            events,
            series,
            counts,
        )
    return cash


@helper
def rebalance(
    cash: float,
    t: int,
    start: int,
    market: "Panels",
    target: "Row",
    names: "Panel",
    terms: "Row",
    room: "Panel",
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
) -> float:
    """Trade to the target at the open; a book without equity there is closed for good."""
    equity = cash + worth(held(events, counts), room[HERE])
    if equity <= 0.0:
        return liquidate(
            cash,
            t,
            t,
            start,
            room[HERE],
            market,
            names,
            terms,
            room,
            series,
            events,
            places,
            counts,
        )
    place = begin(t - start, t - start, events, places, counts)
    units = events[UNITS][place]
    aim(
        target,
        market[0][t],
        market[1][t],
        room[HERE],
        equity,
        names[1],
        terms,
        units,
        room[CHANGE],
        counts,
    )
    count_gains(units, room[HERE], room, names)
    return cash - exchange(
        room[CHANGE],
        room[HERE],
        volumes_of(market, t, room),
        room[VARIANCE],
        terms[FEE],
        True,
        terms,
        place,
        t - start,
        events,
        series,
        counts,
    )


@helper
def close_bar(
    cash: float,
    t: int,
    start: int,
    market: "Panels",
    names: "Panel",
    terms: "Row",
    room: "Panel",
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
) -> float:
    """Check the book at the close; where it does not hold, close it for good."""
    units = held(events, counts)
    is_over = cash + worth(units, room[NOW]) <= 0.0
    if terms[MAINTENANCE] > 0.0 and not is_over:
        if market[3].shape[0] > 0:
            mark(market[3][t], room[NOW], room[MARKED])
        else:
            copy(room[NOW], room[MARKED])
        is_over = is_called(cash, units, room[MARKED], terms)
    if not is_over:
        return cash
    return liquidate(
        cash,
        t,
        t + 1,
        start,
        room[NOW],
        market,
        names,
        terms,
        room,
        series,
        events,
        places,
        counts,
    )
