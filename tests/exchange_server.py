"""A local HTTP server that answers as four exchanges do, after their public API documentation.

One market stands behind all: hourly bars, settlements each 8 hours, open interest each hour, and
trades each ten minutes, from ``FIRST`` until now. Orders a test gives in ``faults`` spoil the
answers of a path, one a request.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FIRST = 1_735_689_600_000  # 2025-01-01, ms
HOUR = 3_600_000
NAMES = {"binanceusdm": "BTCUSDT", "bybit": "BTCUSDT", "okx": "BTC-USDT-SWAP", "hyperliquid": "BTC"}


def times(step: int, low: int, high: int) -> list[int]:
    """Give the market's instants in ``[low, high]``."""
    edge = min(high, time.time_ns() // 1_000_000)
    first = max(low, FIRST)
    return list(range(FIRST + -(-(first - FIRST) // step) * step, edge + 1, step))


def close(at: int) -> float:
    return 100.0 + (at // HOUR) % 7


def candle(at: int) -> list[Any]:
    last = close(at)
    return [at, "100.5", str(last + 2), "99", str(last), "3.5", at + HOUR - 1, str(last * 3.5)]


def number(words: Mapping[str, str], name: str, other: int) -> int:
    return int(words.get(name) or other)


FAR = 10**14


def binance_symbol() -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "pair": "BTCUSDT",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "maintMarginPercent": "2.5",
        "requiredMarginPercent": "5.0",
        "baseAsset": "BTC",
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "1", "maxPrice": "9e6", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC"],
    }


def binance(path: str, words: Mapping[str, str]) -> Any:
    low, high = number(words, "startTime", 0), number(words, "endTime", FAR)
    limit = number(words, "limit", 500)
    if path.endswith("/exchangeInfo"):
        return {"timezone": "UTC", "serverTime": FIRST, "assets": [], "symbols": [binance_symbol()]}
    if path.endswith("/klines"):
        found = times(HOUR, low, high)[:limit]
        return [[*candle(at), 42, "1.5", "150", "0"] for at in found]
    if path.endswith("/fundingRate"):
        found = times(8 * HOUR, low, high)[:limit]
        return [
            {"symbol": "BTCUSDT", "fundingTime": at + 5, "fundingRate": "0.0001", "markPrice": "1"}
            for at in found
        ]
    if path.endswith("/openInterestHist"):
        found = times(HOUR, low, high)[:limit]
        return [
            {
                "symbol": "BTCUSDT",
                "sumOpenInterest": "1000.5",
                "sumOpenInterestValue": "99000",
                "timestamp": at,
            }
            for at in found
        ]
    found = times(HOUR // 6, low, high)[:limit]
    return [
        {"a": at, "p": "100.5", "q": "2", "f": 1, "l": 2, "T": at, "m": at % 1_200_000 == 0}
        for at in found
    ]


def bybit_instruments() -> list[Any]:
    return [
        {
            "symbol": "BTCUSDT",
            "contractType": "LinearPerpetual",
            "status": "Trading",
            "baseCoin": "BTC",
            "quoteCoin": "USDT",
            "launchTime": "1585526400000",
            "deliveryTime": "0",
            "deliveryFeeRate": "",
            "priceScale": "2",
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "1"},
            "priceFilter": {"minPrice": "0.10", "maxPrice": "199999.80", "tickSize": "0.10"},
            "lotSizeFilter": {
                "maxOrderQty": "1190",
                "minOrderQty": "0.001",
                "qtyStep": "0.001",
                "minNotionalValue": "5",
            },
            "unifiedMarginTrade": True,
            "fundingInterval": 480,
            "settleCoin": "USDT",
        }
    ]


def bybit(path: str, words: Mapping[str, str]) -> Any:
    limit = number(words, "limit", 200)
    if path.endswith("/instruments-info"):
        rows = bybit_instruments()
    elif path.endswith("/kline"):
        # Oldest first chosen, newest first sent.
        found = times(HOUR, number(words, "start", 0), number(words, "end", FAR))[-limit:]
        rows = [[str(at), *candle(at)[1:6], candle(at)[7]] for at in reversed(found)]
    elif path.endswith("/funding/history"):
        found = times(8 * HOUR, number(words, "startTime", 0), number(words, "endTime", FAR))
        rows = [
            {"symbol": "BTCUSDT", "fundingRate": "0.0001", "fundingRateTimestamp": str(at)}
            for at in reversed(found[-limit:])
        ]
    elif path.endswith("/open-interest"):
        found = times(HOUR, number(words, "startTime", 0), number(words, "endTime", FAR))
        rows = [{"openInterest": "1000.5", "timestamp": str(at)} for at in reversed(found[-limit:])]
    else:
        found = times(HOUR // 6, 0, FAR)[-limit:]
        rows = [
            {
                "execId": f"x{at}",
                "symbol": "BTCUSDT",
                "price": "100.5",
                "size": "2",
                "side": "Sell",
                "time": str(at),
                "isBlockTrade": False,
            }
            for at in reversed(found)
        ]
    inner = {"symbol": "BTCUSDT", "category": "linear", "list": rows, "nextPageCursor": ""}
    return {"retCode": 0, "retMsg": "OK", "result": inner, "retExtInfo": {}, "time": FIRST}


def okx_instruments() -> list[Any]:
    return [
        {
            "instType": "SWAP",
            "instId": "BTC-USDT-SWAP",
            "uly": "BTC-USDT",
            "instFamily": "BTC-USDT",
            "baseCcy": "",
            "quoteCcy": "",
            "settleCcy": "USDT",
            "ctVal": "0.01",
            "ctMult": "1",
            "ctValCcy": "BTC",
            "optType": "",
            "stk": "",
            "listTime": "1611916828000",
            "expTime": "",
            "lever": "125",
            "tickSz": "0.1",
            "lotSz": "0.01",
            "minSz": "0.01",
            "ctType": "linear",
            "alias": "",
            "state": "live",
            "category": "1",
            "maxLmtSz": "100000000",
        }
    ]


def okx(path: str, words: Mapping[str, str]) -> Any:
    limit = number(words, "limit", 100)
    # `before` asks for newer rows, `after` for older ones, both without the instant itself.
    low, high = number(words, "before", 0) + 1, number(words, "after", FAR) - 1
    if path.endswith("/instruments"):
        rows = okx_instruments()
    elif path.endswith("candles"):
        found = times(HOUR, low, high)[-limit:]
        rows = [
            [str(at), *candle(at)[1:5], "350", "3.5", candle(at)[7], "1"] for at in reversed(found)
        ]
    elif path.endswith("/funding-rate-history"):
        found = times(8 * HOUR, low, high)[-limit:]
        rows = [
            {
                "instType": "SWAP",
                "instId": "BTC-USDT-SWAP",
                "fundingRate": "0.0002",
                "realizedRate": "0.0001",
                "fundingTime": str(at),
                "method": "next_period",
            }
            for at in reversed(found)
        ]
    elif path.endswith("/open-interest-history"):
        # Both edges are left out.
        found = times(HOUR, number(words, "begin", 0) + 1, number(words, "end", FAR) - 1)[-limit:]
        rows = [[str(at), "100050", "1000.5", "99000"] for at in reversed(found)]
    else:
        found = times(HOUR // 6, 0, FAR)[-limit:]
        rows = [
            {
                "instId": "BTC-USDT-SWAP",
                "tradeId": str(at),
                "px": "100.5",
                "sz": "200",
                "side": "sell",
                "ts": str(at),
                "count": "1",
            }
            for at in reversed(found)
        ]
    return {"code": "0", "msg": "", "data": rows}


def hyperliquid(_: str, words: Mapping[str, Any]) -> Any:
    kind = words["type"]
    if kind == "metaAndAssetCtxs":
        context = {
            "funding": "0.0000125",
            "openInterest": "688.11",
            "prevDayPx": "15.322",
            "dayNtlVlm": "1169046.29",
            "premium": "0.00031774",
            "oraclePx": "14.32",
            "markPx": "14.3161",
            "midPx": "14.314",
            "impactPxs": ["14.3047", "14.3444"],
        }
        return [{"universe": [{"name": "BTC", "szDecimals": 5, "maxLeverage": 50}]}, [context]]
    if kind == "meta":
        return {"universe": [{"name": "BTC", "szDecimals": 5, "maxLeverage": 50}]}
    if kind == "candleSnapshot":
        asked = words["req"]
        found = times(HOUR, asked["startTime"], asked["endTime"])[-5000:]
        names = ("t", "o", "h", "l", "c", "v")
        return [
            {**dict(zip(names, candle(at), strict=False)), "T": at + HOUR - 1, "s": "BTC", "n": 9}
            for at in found
        ]
    if kind == "fundingHistory":
        found = times(8 * HOUR, words["startTime"], words.get("endTime", FAR))[:500]
        return [
            {"coin": "BTC", "fundingRate": "0.0001", "premium": "0.0", "time": at + 5}
            for at in found
        ]
    return [
        {
            "coin": "BTC",
            "side": "A",
            "px": "100.5",
            "sz": "2",
            "time": at,
            "hash": "0x0",
            "tid": at,
            "users": ["0x0", "0x1"],
        }
        for at in reversed(times(HOUR // 6, 0, FAR)[-10:])
    ]


VENUES: dict[str, Callable[[str, Mapping[str, Any]], Any]] = {
    "binanceusdm": binance,
    "bybit": bybit,
    "okx": okx,
    "hyperliquid": hyperliquid,
}


def rows_of(answer: Any) -> list[Any]:
    """Find the list of rows in an answer, to be spoilt in place."""
    if isinstance(answer, list):
        return answer
    found = answer.get("data") or answer["result"]["list"]
    assert isinstance(found, list)
    return found


@dataclass
class Exchange:
    """One exchange's server: what was asked, and what is to be spoilt."""

    name: str
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def fault(self, path: str) -> str:
        """Take the next fault of the paths that end so."""
        for end, waiting in self.faults.items():
            if path.endswith(end) and waiting:
                return waiting.pop(0)
        return ""


def spoil(fault: str, answer: Any) -> str:
    """Give the text of an answer, spoilt as ordered."""
    rows = rows_of(answer) if fault else []
    if fault == "half":  # A page ends in its middle, whichever end it began with.
        del rows[len(rows) // 2 :]
    elif fault == "hole":
        del rows[50:53]
    elif fault == "twice":
        rows.extend(list(rows[:3]))
    elif fault == "back":  # Rows of a day before, whatever was asked for.
        rows[:] = [[type(row[0])(int(row[0]) - 24 * HOUR * 400), *row[1:]] for row in rows]
    elif fault == "short":  # A column less.
        rows[:] = [row[:4] for row in rows]
    elif fault == "renamed":
        rows[:] = [{f"{name}X": value for name, value in row.items()} for row in rows]
    elif fault == "moved":
        return json.dumps({"candles": rows})
    text = json.dumps(answer)
    return text[: len(text) // 2] if fault == "cut" else text


def handler(exchange: Exchange) -> type[BaseHTTPRequestHandler]:
    """Make the handler of an exchange."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self._answer(json.loads(self.rfile.read(length)))

        def _answer(self, words: Mapping[str, Any]) -> None:
            path = urlsplit(self.path).path
            exchange.asked.append(f"{path} {words.get('type', '')}".strip())
            fault = exchange.fault(exchange.asked[-1])
            status, _, pause = fault.partition(":")
            if status.isdigit():
                self._send(int(status), "{}", pause)
            else:
                self._send(200, spoil(fault, VENUES[exchange.name](path, words)), "")

        def _send(self, status: int, text: str, pause: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if pause:
                self.send_header("Retry-After", pause)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def trading(name: str) -> Iterator[Exchange]:
    """Serve an exchange on a free port of this machine."""
    exchange = Exchange(name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(exchange))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    exchange.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield exchange
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
