"""Open, high, low, close and volumes of a bar."""

from typing import Annotated, ClassVar

from .record import PRICE, QUANTITY, QUOTE, Record, Symbol, amount


class Bar(Record):
    """One bar: ``event_at`` is its open, ``available_at`` its end or later."""

    KIND: ClassVar[str] = "bars"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "event_at")

    symbol: Symbol
    open: Annotated[float, amount(PRICE, "first trade")]
    high: Annotated[float, amount(PRICE, "highest trade")]
    low: Annotated[float, amount(PRICE, "lowest trade")]
    close: Annotated[float, amount(PRICE, "last trade")]
    volume: Annotated[float, amount(QUANTITY, "traded")]
    quote_volume: Annotated[float | None, amount(QUOTE, "traded")] = None
    trades: Annotated[int | None, amount("count", "trades")] = None
    taker_buy_volume: Annotated[float | None, amount(QUANTITY, "bought by takers")] = None
    taker_buy_quote_volume: Annotated[float | None, amount(QUOTE, "bought by takers")] = None
