"""The script of a replay: what the venue prints and quotes, and what the trader is told to hold.

1. Prices are rounded to a tick so fine that a rounded price is right to nine digits; sizes to a
   step so small that one step is worth a thousand-millionth of the capital at the highest price.
2. At a bar's open each name that has a bar prints its open and is quoted the slippage away from it
   on both sides, in any size. At its end it prints its close.
3. A name whose listing has ended is quoted once more, around its last close, so that what is held
   can be closed there. No other order can be done without a bar.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .market import Market, Prices, carried

if TYPE_CHECKING:
    from ...core.panel import Matrix
    from ...dsl.strategy import Costs

BP = Decimal("0.0001")
PRICE_DIGITS = 9
CAPITAL_DIGITS = 9
# What a fixed-point engine in its finest build can say after the point; we stay well below.
DIGITS_MAX = 14


@dataclass(frozen=True, slots=True)
class Script:
    """One replay, whole; money in units of the capital's currency.

    ``targets`` are shares of equity, read on ``decides`` rows alone, at whose open they are traded.
    ``taker`` is the fee as an exact share of the notional, ``slippage`` that of a quote's side.
    """

    capital: float
    taker: Decimal
    slippage: float
    bar_seconds: int
    times: NDArray[np.int64]
    symbols: tuple[str, ...]
    price_digits: NDArray[np.int64]
    size_digits: NDArray[np.int64]
    open: "Matrix"
    close: "Matrix"
    bid: "Matrix"
    ask: "Matrix"
    mark: "Matrix"
    rate: "Matrix"
    gone: NDArray[np.int64]
    decides: NDArray[np.bool_]
    targets: "Matrix"

    @property
    def prices(self) -> Prices:
        """Return what positions are worth at the prints."""
        return carried(self.open, self.close)


def script_of(
    market: Market,
    costs: "Costs",
    *,
    targets: "Matrix",
    decides: NDArray[np.bool_],
    capital: float,
) -> Script:
    """Write the script of a market, for targets that are traded at the open of ``decides`` rows."""
    slip = float(costs.slippage_bp * BP)
    with np.errstate(invalid="ignore"):
        lowest = np.nanmin(_with_some(market.open, market.close), axis=0)
        highest = np.nanmax(_with_some(market.open, market.close), axis=0)
    digits = np.array([_price_digits(price) for price in lowest], dtype=np.int64)
    opens, closes = _rounded(market.open, digits), _rounded(market.close, digits)
    middle = market.open.copy()
    for column, row in enumerate(market.gone):
        if row < len(middle):
            middle[row, column] = market.prices.at_open[row, column]
    return Script(
        capital=capital,
        taker=costs.taker_bp * BP,
        slippage=slip,
        bar_seconds=market.bar_seconds,
        times=market.times,
        symbols=market.symbols,
        price_digits=digits,
        size_digits=np.array([_size_digits(price, capital) for price in highest], dtype=np.int64),
        open=opens,
        close=closes,
        bid=_rounded(middle * (1 - slip), digits),
        ask=_rounded(middle * (1 + slip), digits),
        mark=market.mark,
        rate=market.rate,
        gone=market.gone,
        decides=decides,
        targets=targets,
    )


def _with_some(opens: "Matrix", closes: "Matrix") -> "Matrix":
    """Stack prices, so that a name without any bar has one all the same."""
    has_none = ~np.isfinite(opens).any(axis=0)
    return np.vstack([opens, closes, np.where(has_none, 1.0, np.nan)[None, :]])


def _price_digits(price: float) -> int:
    return _bounded(PRICE_DIGITS - math.floor(math.log10(price)))


def _size_digits(price: float, capital: float) -> int:
    return _bounded(CAPITAL_DIGITS + math.ceil(math.log10(price / capital)))


def _bounded(digits: int) -> int:
    return min(max(digits, 0), DIGITS_MAX)


def _rounded(values: "Matrix", digits: NDArray[np.int64]) -> "Matrix":
    columns = [np.round(values[:, at], int(places)) for at, places in enumerate(digits)]
    return np.stack(columns, axis=1)
