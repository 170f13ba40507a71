"""What changes units: rebalances, exits of names that are gone, liquidations."""

import math
from typing import TYPE_CHECKING

from ...dsl.kernels import helper
from .bar import copy, is_price
from .places import (
    BOUND,
    EVENT_FEES,
    EVENT_IMPACT,
    EVENT_SLIPPAGE,
    FEES,
    FROZEN,
    HAS_STEPS,
    IMPACT,
    IMPACTS,
    LAST,
    LEVERAGE,
    NOTIONAL_MIN,
    SIZES,
    SLIP,
    SLIPPAGE,
    TOO_SMALL,
    TRADED,
    TRADES,
    TURNOVER_MAX,
    UNITS,
    UNKNOWN_IMPACT,
)
from .sums import worth

if TYPE_CHECKING:
    from ...dsl.kernels import Integers, Panel, Row

    Events = tuple[Panel, ...]


@helper
def begin(row: int, start: int, events: "Events", places: "Integers", counts: "Integers") -> int:
    """Return the place of this row's event, a new one where there is none that begins then."""
    last = int(counts[LAST])
    if places[0, last] == row and places[1, last] == start:
        return last
    counts[LAST] = last + 1
    places[0, last + 1], places[1, last + 1] = row, start
    copy(events[UNITS][last], events[UNITS][last + 1])
    return last + 1


@helper
def rounded(units: float, lot: float) -> float:
    """Cut units toward zero to whole lots; no lot, no cut."""
    if lot <= 0.0:
        return units
    # A count that is whole but for rounding stays whole.
    return math.copysign(math.floor(abs(units) / lot * (1.0 + 1e-12)), units) * lot


@helper
def aim(
    target: "Row",
    opens: "Row",
    closes: "Row",
    here: "Row",
    equity: float,
    lots: "Row",
    terms: "Row",
    units: "Row",
    change: "Row",
    counts: "Integers",
) -> None:
    """Write the change of units that brings the book to its target; no bar, no order."""
    gross = 0.0
    for i in range(target.shape[0]):
        gross += abs(target[i])
    share = 1.0
    if 0.0 < terms[LEVERAGE] < gross:
        share = terms[LEVERAGE] / gross
        counts[BOUND] += 1
    asked = 0.0
    for i in range(target.shape[0]):
        change[i] = 0.0
        if is_price(opens[i]) and is_price(closes[i]):
            change[i] = target[i] * share * equity / here[i] - units[i]
            asked += abs(change[i] * here[i])
        elif target[i] != 0.0 or units[i] != 0.0:
            counts[FROZEN] += 1
    hold_back(asked / equity, terms[TURNOVER_MAX], change)
    if terms[HAS_STEPS] > 0.0:
        round_off(here, lots, terms, units, change, counts)


@helper
def hold_back(asked: float, limit: float, change: "Row") -> None:
    """Cut trades in one proportion where they would turn over more than the limit."""
    if 0.0 <= limit < asked:
        for i in range(change.shape[0]):
            change[i] *= limit / asked


@helper
def round_off(
    here: "Row", lots: "Row", terms: "Row", units: "Row", change: "Row", counts: "Integers"
) -> None:
    """Bring trades to whole lots, and leave out those below the smallest notional."""
    for i in range(change.shape[0]):
        if change[i] == 0.0:
            continue
        wanted = rounded(units[i] + change[i], lots[i])
        moved = wanted - units[i]
        # An exit is always whole: what is left of a lot must not stay for ever.
        is_small = abs(moved) * here[i] < terms[NOTIONAL_MIN] and wanted != 0.0
        counts[TOO_SMALL] += 1 if is_small or moved == 0.0 else 0
        change[i] = 0.0 if is_small else moved


@helper
def exchange(
    change: "Row",
    price: "Row",
    volumes: "Row",
    variance: "Row",
    fee: float,
    is_order: bool,  # noqa: FBT001
    terms: "Row",
    place: int,
    row: int,
    events: "Events",
    series: "Panel",
    counts: "Integers",
) -> float:
    """Book trades at prices into an event; return the cash they take."""
    units, sizes = events[UNITS][place], events[SIZES][place]
    fees, slippage, impacts = (
        events[EVENT_FEES][place],
        events[EVENT_SLIPPAGE][place],
        events[EVENT_IMPACT][place],
    )
    slip = terms[SLIP] if is_order else 0.0
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
        if is_order and terms[IMPACT] > 0.0:
            is_known = volumes[i] > 0.0 and volumes[i] - volumes[i] == 0.0 and variance[i] > 0.0
            counts[UNKNOWN_IMPACT] += 0 if is_known else 1
            paid = impact_of(size, volumes[i], variance[i], terms) if is_known else 0.0
        impacts[i] += paid
        traded += size
        paid_fees += size * fee
        paid_slips += size * slip
        paid_impacts += paid
    series[TRADED, row] += traded
    series[FEES, row] += paid_fees
    series[SLIPPAGE, row] += paid_slips
    series[IMPACTS, row] += paid_impacts
    return worth(change, price) + paid_fees + paid_slips + paid_impacts


@helper
def impact_of(size: float, volume: float, variance: float, terms: "Row") -> float:
    """Return what a trade pays for its own pressure, by the square-root law.

    Cost over notional is coefficient x deviation of a bar's return x sqrt(notional / volume of the
    bar in money): Almgren, Thum, Hauptmann, Li (2005); Toth et al. (2011).
    """
    return float(size * terms[IMPACT] * math.sqrt(variance * (size / volume)))
