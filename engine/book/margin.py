"""Whether an account's margin holds, and what is done when it does not: all is closed for good."""

from typing import TYPE_CHECKING

from ...dsl.kernels import helper
from .places import FEE, GAIN, LAST, LIQUIDATION_FEE, MAINTENANCE, RUINED, UNITS
from .room import CHANGE, NONE, SINCE, VARIANCE
from .sums import notional, worth
from .trades import begin, exchange

if TYPE_CHECKING:
    from ...dsl.kernels import Integers, Panel, Row

    Panels = tuple[Panel, ...]


@helper
def held(events: "Panels", counts: "Integers") -> "Row":
    """Return the units held now; the first event is of nothing held."""
    units: Row = events[UNITS][counts[LAST]]
    return units


@helper
def count_gains(units: "Row", prices: "Row", room: "Panel", names: "Panel") -> None:
    """Add what positions gained since they were last looked at."""
    for i in range(units.shape[0]):
        if units[i] != 0.0:
            names[2 + GAIN, i] += units[i] * (prices[i] - room[SINCE, i])
        room[SINCE, i] = prices[i]


@helper
def volumes_of(market: "Panels", t: int, room: "Panel") -> "Row":
    """Return the bar's quote volumes, zeros where none are known."""
    volumes: Row = market[5][t] if market[5].shape[0] > 0 else room[NONE]
    return volumes


@helper
def is_called(cash: float, units: "Row", marks: "Row", terms: "Row") -> bool:
    """Tell whether equity at mark prices is below the maintenance margin of what is held."""
    size = notional(units, marks)
    return size > 0.0 and cash + worth(units, marks) < terms[MAINTENANCE] * size


@helper
def liquidate(
    cash: float,
    t: int,
    first: int,
    start: int,
    prices: "Row",
    market: "Panels",
    names: "Panel",
    terms: "Row",
    room: "Panel",
    series: "Panel",
    events: "Panels",
    places: "Integers",
    counts: "Integers",
) -> float:
    """Close everything for good; flat from the row ``first`` on."""
    place = begin(t - start, first - start, events, places, counts)
    units = events[UNITS][place]
    count_gains(units, prices, room, names)
    for i in range(units.shape[0]):
        room[CHANGE, i] = -units[i]
    counts[RUINED] = t - start + 1
    return cash - exchange(
        room[CHANGE],
        prices,
        volumes_of(market, t, room),
        room[VARIANCE],
        terms[FEE] + terms[LIQUIDATION_FEE],
        True,
        terms,
        place,
        t - start,
        events,
        series,
        counts,
    )
