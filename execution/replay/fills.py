"""Fill by fill: what each side traded, where they differ, and what only one of them did."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .comparison import BP
from .ledger import Ledger
from .market import Market
from .script import Script


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of one instrument at one open, as both sides have it; units are the book's own.

    Fees are money. ``is_lone``: only one side has it, and it is larger than rounding can hide.
    """

    time: int
    symbol: str
    units_research: float
    units_replay: float
    price_research: float
    price_replay: float
    fee_research: float
    fee_replay: float
    units_bp: float  # worth of the difference in units, of the capital
    is_lone: bool

    def row(self) -> Mapping[str, object]:
        """Return the fill as a row of a table; a price is empty where a side has no fill."""
        names = (name for name in self.__slots__)
        found = {name: getattr(self, name) for name in names}
        return {name: None if value != value else value for name, value in found.items()}  # noqa: PLR0124  # Only NaN differs from itself.


def fills_of(replayed: Ledger, research: Ledger, market: Market, script: Script) -> list[Fill]:
    """Return every fill of either side, in the order of time and name."""
    capital = script.capital
    found = []
    for row, column in np.argwhere((replayed.traded != 0) | (research.traded != 0)):
        cell = (row, column)
        ours, other = research.traded[cell], replayed.traded[cell]
        worth = market.prices.at_open[cell]
        # Two targets rounded to steps may differ from the true trade by one step.
        step = 1.01 * worth * 10.0 ** -float(script.size_digits[column]) / capital
        fill = Fill(
            time=int(market.times[row]),
            symbol=market.symbols[column],
            units_research=float(ours * capital),
            units_replay=float(other * capital),
            price_research=float(research.price[cell]),
            price_replay=float(replayed.price[cell]),
            fee_research=float(research.fees[cell] * capital),
            fee_replay=float(replayed.fees[cell] * capital),
            units_bp=float((other - ours) * worth * BP),
            is_lone=bool((ours == 0) != (other == 0) and abs(other - ours) * worth > step),
        )
        found.append(fill)
    return found
