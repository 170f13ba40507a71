"""The book of one instrument, message by message, and its best quote after each (polars).

1. A snapshot sets the book whole. Differences up to its id are in it and are dropped.
2. The first difference after it must begin at or before the id that follows the snapshot's.
3. From then on ``prev_update_id`` of each message must be the id of the one before it. Where a
   venue gives none (null), the chain cannot be proved and is not said to hold.
4. From a break on, no quote is given until the next snapshot: a book that missed a message is not
   the venue's book.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from .book import Book

_LEVELS = ("side", "price", "quantity")
_QUOTE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "update_id": pl.Int64,
    "event_at": pl.Datetime("us", "UTC"),
    "bid_price": pl.Float64,
    "bid_quantity": pl.Float64,
    "ask_price": pl.Float64,
    "ask_quantity": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Break:
    """A message that does not follow the one before it; ids as the venue counts them."""

    update_id: int
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of the messages of one instrument.

    ``quotes`` has a row a message: ``update_id``, ``event_at``, best prices and quantities.
    ``is_chained`` tells whether every message named the one before it.
    """

    book: Book
    quotes: pl.DataFrame
    snapshots: int
    messages: int
    dropped: int
    unplaced: int
    crossed: int
    is_chained: bool
    breaks: tuple[Break, ...]


def rebuild(snapshots: pl.DataFrame, deltas: pl.DataFrame) -> Rebuilt:
    """Play the messages of one instrument in the order of their ids.

    Args:
        snapshots: rows of kind ``book_snapshots`` of one symbol.
        deltas: rows of kind ``book_deltas`` of the same symbol.
    """
    play = _Play()
    pending = list(_grouped(snapshots))
    for message in _grouped(deltas):
        while pending and pending[0]["update_id"][0] < message["update_id"][0]:
            play.reset(pending.pop(0))
        play.apply(message)
    for snapshot in pending:
        play.reset(snapshot)
    return play.done()


class _Play:
    """The state while messages are played."""

    def __init__(self) -> None:
        self.book = Book()
        self._last: int | None = None
        self._is_first = True
        self._is_broken = False
        self._is_chained = True
        self._counts = {"snapshots": 0, "messages": 0, "dropped": 0, "unplaced": 0, "crossed": 0}
        self._breaks: list[Break] = []
        self._quotes: list[tuple[Any, ...]] = []

    def reset(self, snapshot: dict[str, list[Any]]) -> None:
        """Set the book whole."""
        self.book = Book()
        self._put(snapshot)
        self._last, self._is_first, self._is_broken = snapshot["update_id"][0], True, False
        self._counts["snapshots"] += 1
        self._quote(snapshot)

    def apply(self, message: dict[str, list[Any]]) -> None:
        """Apply a difference, or say why not."""
        number = message["update_id"][0]
        if self._last is None:
            self._counts["unplaced"] += 1
            return
        if number <= self._last:
            self._counts["dropped"] += 1
            return
        self._check(message)
        self._last, self._is_first = number, False
        self._counts["messages"] += 1
        self._put(message)
        if not self._is_broken:
            self._quote(message)

    def _check(self, message: dict[str, list[Any]]) -> None:
        previous, first = message["prev_update_id"][0], message["first_update_id"][0]
        assert self._last is not None
        if previous is None:
            self._is_chained = False
            return
        begins = previous if first is None else min(previous, first - 1)
        follows = begins <= self._last if self._is_first else previous == self._last
        if not follows:
            self._breaks.append(Break(message["update_id"][0], self._last, previous))
            self._is_broken = True

    def _put(self, message: dict[str, list[Any]]) -> None:
        put = self.book.put
        for side, price, quantity in zip(*(message[name] for name in _LEVELS), strict=True):
            put(side, price, quantity)

    def _quote(self, message: dict[str, list[Any]]) -> None:
        bid, ask = self.book.bids.best(), self.book.asks.best()
        self._counts["crossed"] += bid[0] >= ask[0]
        self._quotes.append((message["update_id"][0], message["event_at"][0], *bid, *ask))

    def done(self) -> Rebuilt:
        """Return what came of it."""
        quotes = pl.DataFrame(self._quotes, schema=_QUOTE_SCHEMA, orient="row")
        return Rebuilt(
            book=self.book,
            quotes=quotes,
            is_chained=self._is_chained,
            breaks=tuple(self._breaks),
            **self._counts,
        )


def _grouped(rows: pl.DataFrame) -> Iterator[dict[str, list[Any]]]:
    """Yield the columns of each message, in the order of ids."""
    ordered = rows.sort("update_id", maintain_order=True)
    lengths = ordered.get_column("update_id").rle().struct.field("len").to_list()
    names = [
        name
        for name in ("update_id", "prev_update_id", "first_update_id", "event_at", *_LEVELS)
        if name in ordered.columns
    ]
    columns = {name: ordered.get_column(name).to_list() for name in names}
    at = 0
    for length in lengths:
        yield {name: values[at : at + length] for name, values in columns.items()}
        at += length
