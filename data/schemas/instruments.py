"""Instruments as the venue lists them, one row a change of what it says."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from .record import PRICE, QUANTITY, QUOTE, Record, Symbol, amount, text


class Instrument(Record):
    """What a venue said of an instrument from ``event_at`` on."""

    KIND: ClassVar[str] = "instruments"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "event_at")
    IS_FORESEEN: ClassVar[bool] = True

    symbol: Symbol
    base: Annotated[str, text("the coin that is traded")]
    quote: Annotated[str, text("the currency of the price")]
    settle: Annotated[str, text("the currency of gains and losses")]
    contract_type: Annotated[
        Literal["spot", "perpetual", "future", "option"], text("what kind of contract")
    ]
    multiplier: Annotated[float, amount("coins per contract unit", "1000 for 1000PEPE")] = 1.0
    tick_size: Annotated[float | None, amount(PRICE, "smallest step of the price")] = None
    lot_size: Annotated[float | None, amount(QUANTITY, "smallest step of a quantity")] = None
    min_notional: Annotated[float | None, amount(QUOTE, "smallest value of an order")] = None
    listed_at: Annotated[AwareDatetime | None, Field(description="first instant of trading")] = None
    delisted_at: Annotated[AwareDatetime | None, Field(description="last instant of trading")] = (
        None
    )
    expiry_at: Annotated[
        AwareDatetime | None, Field(description="delivery of a dated contract")
    ] = None
    status: Annotated[
        Literal["trading", "halted", "settling", "delisted", "pending"],
        text("what may be done with it"),
    ]
