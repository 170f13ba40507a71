"""One bar as the book sees it: prices to trade, mark and settle at."""

from typing import TYPE_CHECKING

from ...dsl.kernels import helper

if TYPE_CHECKING:
    from ...dsl.kernels import Panel, Row

# Weight of the past in a variance that fades: RiskMetrics technical document (1996), section 5.
FADES = 0.94
INFINITY = float("inf")


@helper
def is_price(value: float) -> bool:
    """Tell whether a number can be a price: finite and above zero."""
    return value > 0.0 and value < INFINITY


@helper
def look(opens: "Row", closes: "Row", here: "Row", now: "Row") -> int:
    """Write prices at the open and at the close; half a bar is no bar.

    ``now`` holds the last closes known, 0 before a listing. Where there is no bar both prices are
    those. Returns how many prices there were that are none.
    """
    missing = 0
    for i in range(opens.shape[0]):
        first, last, known = opens[i], closes[i], now[i]
        # Written out: a call in here keeps the compiler from taking several names at once.
        if first > 0.0 and first < INFINITY and last > 0.0 and last < INFINITY:
            here[i], now[i] = first, last
        else:
            here[i], now[i] = known, known
            missing += 1
    return dropped(opens) + dropped(closes) if missing else 0


@helper
def dropped(prices: "Row") -> int:
    """Count the prices that are none; a missing one was never there to be dropped."""
    count = 0
    for i in range(prices.shape[0]):
        is_there = prices[i] == prices[i]  # NaN differs from itself.
        count += 1 if is_there and not is_price(prices[i]) else 0
    return count


@helper
def is_settling(rates: "Row") -> bool:
    """Tell whether any funding settles in a row."""
    due = 0
    for i in range(rates.shape[0]):
        due += 1 if abs(rates[i]) > 0.0 else 0  # NaN is not above 0.
    return due > 0


@helper
def mark(marks: "Row", otherwise: "Row", out: "Row") -> None:
    """Write mark prices, and the traded price where there is none."""
    for i in range(marks.shape[0]):
        found, other = marks[i], otherwise[i]
        out[i] = found if found > 0.0 and found < INFINITY else other


@helper
def mark_row(marks: "Panel", t: int, otherwise: "Row", out: "Row") -> None:
    """Write a bar's mark prices; traded prices where there are no marks at all."""
    if marks.shape[0] > 0:
        mark(marks[t], otherwise, out)
    else:
        copy(otherwise, out)


@helper
def settle(units: "Row", marks: "Row", rates: "Row", paid: "Row") -> int:
    """Write what each position pays as funding settles; return how many positions do."""
    crossed = 0
    for i in range(units.shape[0]):
        rate = rates[i]
        is_due = (rate - rate == 0.0) & (rate != 0.0) & (units[i] != 0.0)
        due = units[i] * marks[i] * rate
        paid[i] = due if is_due else 0.0
        crossed += 1 if is_due else 0
    return crossed


@helper
def fade(before: "Row", now: "Row", variance: "Row") -> None:
    """Move the variance of returns on by one bar; a name's first return starts it."""
    for i in range(before.shape[0]):
        if before[i] > 0.0 and now[i] > 0.0:
            gain = now[i] / before[i] - 1.0
            past = variance[i]
            variance[i] = FADES * past + (1.0 - FADES) * gain * gain if past > 0.0 else gain * gain


@helper
def copy(source: "Row", out: "Row") -> None:
    """Copy a row; an assignment of slices would make a third."""
    for i in range(source.shape[0]):
        out[i] = source[i]
