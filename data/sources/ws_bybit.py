"""Messages of Bybit's first public stream (inverse contracts): trades and the 25-level book.

The book comes as a snapshot and then as levels deleted, updated and inserted. Messages carry the
engine's ``cross_seq``, which grows and does not chain: that none is missing cannot be proved.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .gathered import Gathered
from .recorded import Message

VENUE = "bybit"
_SIDES = {"Buy": "buy", "Sell": "sell"}


def take(out: Gathered, message: Message) -> None:
    """Add the records of a message; others (answers to subscriptions) are none."""
    topic = str(message.said.get("topic", ""))
    if topic.startswith("trade."):
        for trade in message.said["data"]:
            _trade(out, trade, message.received_ns)
    elif topic.startswith("orderBookL2_25."):
        _book(out, message.said, message.received_ns)


def _trade(out: Gathered, data: Mapping[str, Any], received: int) -> None:
    out.add(
        "trades",
        int(data["trade_time_ms"]) * 1_000_000,
        received,
        symbol=str(data["symbol"]),
        trade_id=str(data["trade_id"]),
        price=float(data["price"]),
        quantity=float(data["size"]),
        side="buy" if data["side"] == "Buy" else "sell",
    )


def _book(out: Gathered, said: Mapping[str, Any], received: int) -> None:
    happened, number = int(said["timestamp_e6"]) * 1000, int(said["cross_seq"])
    if said["type"] == "snapshot":
        for place, level in _placed(said["data"]):
            out.add(
                "book_snapshots", happened, received, **_level(level), level=place, update_id=number
            )
        return
    changed = said["data"]
    gone = ({**level, "size": 0} for level in changed["delete"])
    for level in (*changed["update"], *changed["insert"], *gone):
        out.add(
            "book_deltas",
            happened,
            received,
            **_level(level),
            first_update_id=number,
            update_id=number,
        )


def _placed(levels: list[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the levels of each side with their places, the best of it first."""
    for side, sign in (("Buy", -1), ("Sell", 1)):
        own = [level for level in levels if level["side"] == side]
        yield from enumerate(sorted(own, key=lambda level: sign * float(level["price"])))


def _level(data: Mapping[str, Any]) -> dict[str, object]:
    return {
        "symbol": str(data["symbol"]),
        "side": _SIDES[str(data["side"])],
        "price": float(data["price"]),
        "quantity": float(data["size"]),
    }
