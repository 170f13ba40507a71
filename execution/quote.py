"""What the market says at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """Best prices and sizes of one instrument; ``volume_day`` is the quote volume of 24 hours."""

    symbol: str
    at: datetime
    mark: Decimal
    index: Decimal
    bid: Decimal
    ask: Decimal
    bid_qty: Decimal
    ask_qty: Decimal
    volume_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """All quotes of one instant; ``number`` counts within the bar that opened at ``bar_open``.

    ``funding`` holds the rates that settle at this very instant; an instrument without a market
    has no quote.
    """

    at: datetime
    bar_open: int
    number: int
    quotes: Mapping[str, Quote]
    funding: Mapping[str, Decimal]
