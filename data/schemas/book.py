"""The order book as it is sent: whole snapshots, changes of levels, and best quotes."""

from typing import Annotated, ClassVar

from .record import (
    PRICE,
    QUANTITY,
    BookSide,
    Received,
    Record,
    Symbol,
    UpdateId,
    amount,
    described,
)


class BookLevel(Record):
    """One level of a whole book; the rows of one ``update_id`` are one snapshot."""

    KIND: ClassVar[str] = "book_snapshots"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "update_id", "side", "price")

    symbol: Symbol
    update_id: UpdateId
    side: BookSide
    level: Annotated[int, amount("count", "0 is the best price of the side")]
    price: Annotated[float, amount(PRICE, "price of the level")]
    quantity: Annotated[float, amount(QUANTITY, "resting at the price")]
    orders: Annotated[int | None, amount("count", "orders at the price")] = None
    received_ns: Received = None


class BookDelta(Record):
    """One level of one message of changes; a quantity of 0 takes the level away."""

    KIND: ClassVar[str] = "book_deltas"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "update_id", "side", "price")

    symbol: Symbol
    first_update_id: Annotated[int, described("id", "first update in the message")]
    update_id: Annotated[int, described("id", "last update in the message")]
    prev_update_id: Annotated[
        int | None, described("id", "last update of the message before: the chain's link")
    ] = None
    side: BookSide
    price: Annotated[float, amount(PRICE, "price of the level")]
    quantity: Annotated[float, amount(QUANTITY, "new total at the price")]
    received_ns: Received = None


class Quote(Record):
    """Best bid and ask after one update; a side without orders is null."""

    KIND: ClassVar[str] = "quotes"
    KEY: ClassVar[tuple[str, ...]] = ("symbol", "update_id")

    symbol: Symbol
    update_id: UpdateId
    bid_price: Annotated[float | None, amount(PRICE, "best bid")] = None
    bid_quantity: Annotated[float | None, amount(QUANTITY, "resting at the best bid")] = None
    ask_price: Annotated[float | None, amount(PRICE, "best ask")] = None
    ask_quantity: Annotated[float | None, amount(QUANTITY, "resting at the best ask")] = None
    received_ns: Received = None
