"""What perpetuals and futures have beside trades: funding, marks, open interest, liquidations."""

from typing import Annotated, ClassVar

from .record import PRICE, QUANTITY, QUOTE, Aggressor, Record, Symbol, amount, described


class Funding(Record):
    """One settlement at ``event_at``; a positive rate is paid by longs to shorts."""

    KIND: ClassVar[str] = "funding"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "event_at")

    symbol: Symbol
    rate: Annotated[float, described("fraction per settlement", "0.0001 is 1 bp")]
    interval_hours: Annotated[
        float | None, amount("hours", "since the settlement before, where the venue says so")
    ] = None
    mark_price: Annotated[float | None, amount(PRICE, "mark at the settlement")] = None


class Mark(Record):
    """Mark and index price at ``event_at``."""

    KIND: ClassVar[str] = "marks"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "event_at")

    symbol: Symbol
    mark: Annotated[float | None, amount(PRICE, "mark price")] = None
    index: Annotated[float | None, amount(PRICE, "index price")] = None


class OpenInterest(Record):
    """Open contracts at ``event_at``."""

    KIND: ClassVar[str] = "open_interest"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "event_at")

    symbol: Symbol
    base: Annotated[float | None, amount(QUANTITY, "open contracts")] = None
    quote: Annotated[float | None, amount(QUOTE, "value of open contracts")] = None


class Liquidation(Record):
    """One forced order."""

    KIND: ClassVar[str] = "liquidations"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "event_at", "side", "price", "quantity")

    symbol: Symbol
    side: Aggressor
    price: Annotated[float, amount(PRICE, "price of the forced order")]
    quantity: Annotated[float, amount(QUANTITY, "closed by force")]
