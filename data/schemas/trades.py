"""Trades, one row each."""

from typing import Annotated, ClassVar

from .record import PRICE, QUANTITY, Aggressor, Received, Record, Symbol, amount, text


class Trade(Record):
    """One trade: ``event_at`` is the venue's instant of the match."""

    KIND: ClassVar[str] = "trades"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "trade_id")

    symbol: Symbol
    trade_id: Annotated[str, text("the venue's id")]
    price: Annotated[float, amount(PRICE, "price of the match")]
    quantity: Annotated[float, amount(QUANTITY, "traded")]
    side: Aggressor
    received_ns: Received = None
