"""Messages of Binance's USD-M streams: aggTrade, depth, bookTicker and closed klines.

Field letters as the exchange's stream reference gives them: ``E`` event time and ``T`` matching
time (ms), ``U``/``u``/``pu`` first, last and previous update id of a depth message, ``m`` true
where the buyer was the maker.
"""

from collections.abc import Mapping
from typing import Any

from .gathered import Gathered
from .recorded import Message

VENUE = "binance"
BAR_SECONDS = 60  # klines of other lengths are left
_MS = 1_000_000


def take(out: Gathered, message: Message) -> None:
    """Add the records of a message; others (answers to subscriptions, open klines) are none."""
    data = message.said.get("data", message.said)
    event = data.get("e") if isinstance(data, dict) else None
    if event in _READERS:
        _READERS[event](out, data, message.received_ns)


def _trade(out: Gathered, data: Mapping[str, Any], received: int) -> None:
    out.add(
        "trades",
        int(data["T"]) * _MS,
        received,
        symbol=str(data["s"]),
        trade_id=str(data["a"]),
        price=float(data["p"]),
        quantity=float(data["q"]),
        side="sell" if data["m"] else "buy",
    )


def _depth(out: Gathered, data: Mapping[str, Any], received: int) -> None:
    for side, levels in (("buy", data["b"]), ("sell", data["a"])):
        for price, quantity in levels:
            out.add(
                "book_deltas",
                int(data["T"]) * _MS,
                received,
                symbol=str(data["s"]),
                first_update_id=int(data["U"]),
                update_id=int(data["u"]),
                prev_update_id=int(data["pu"]),
                side=side,
                price=float(price),
                quantity=float(quantity),
            )


def _quote(out: Gathered, data: Mapping[str, Any], received: int) -> None:
    out.add(
        "quotes",
        int(data["T"]) * _MS,
        received,
        symbol=str(data["s"]),
        update_id=int(data["u"]),
        bid_price=float(data["b"]),
        bid_quantity=float(data["B"]),
        ask_price=float(data["a"]),
        ask_quantity=float(data["A"]),
    )


def _bar(out: Gathered, data: Mapping[str, Any], received: int) -> None:
    bar = data["k"]
    opened, closed = int(bar["t"]), int(bar["T"]) + 1
    if not bar["x"] or closed - opened != BAR_SECONDS * 1000:
        return
    out.add(
        "bars",
        opened * _MS,
        max(received, closed * _MS),
        symbol=str(bar["s"]),
        open=float(bar["o"]),
        high=float(bar["h"]),
        low=float(bar["l"]),
        close=float(bar["c"]),
        volume=float(bar["v"]),
        quote_volume=float(bar["q"]),
        trades=float(bar["n"]),
        taker_buy_volume=float(bar["V"]),
        taker_buy_quote_volume=float(bar["Q"]),
    )


_READERS = {"aggTrade": _trade, "depthUpdate": _depth, "bookTicker": _quote, "kline": _bar}
