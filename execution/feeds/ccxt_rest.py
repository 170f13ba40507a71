"""The one door to ccxt: it asks exchanges for market data, and knows no key.

What ccxt would hide is kept: the text of each answer as it came, the pause an exchange asks for, an
answer that is cut, and rows from before the time that was asked for.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.clock import Clock, to_text
from ...core.diagnostics import echo
from ...core.errors import InvalidInputError, MissingExtraError
from ...data.ingest.fetch import Payload, TryAgainError
from ...data.ingest.source import Step
from .http import TIMEOUT_S, pause_asked

_BUSY = frozenset({418, 425, 429})
_SERVER_FAULT = 500
# Of the markets an exchange has, the linear perpetuals and futures alone.
_MARKET_TYPES: Mapping[str, Sequence[str]] = {
    "binanceusdm": ("linear",),
    "bybit": ("linear",),
    "okx": ("swap",),
    "hyperliquid": ("swap",),
}
_TRADE_FIELDS = ("id", "timestamp", "side", "price", "amount")
_RATE_FIELDS = ("timestamp", "fundingRate")
_OPEN_INTEREST_FIELDS = ("timestamp", "openInterestAmount", "openInterestValue")


class CcxtFetch:
    """Ask one exchange; each thread has a client of its own, all have the same markets."""

    def __init__(self, name: str, clock: Clock, base_url: str = "") -> None:
        """Load the library.

        Raises:
            MissingExtraError: when ccxt is not installed.
        """
        try:
            import ccxt
        except ImportError as error:
            raise MissingExtraError("ccxt", f"`{name}`") from error
        self._library: Any = ccxt
        self._kind = _asking(getattr(ccxt, name), clock)
        self._name, self._clock, self._base_url = name, clock, base_url
        self._local = threading.local()
        self._lock = threading.Lock()
        self._markets: list[dict[str, Any]] = []

    def fetch(self, step: Step) -> Payload:
        """Return the envelope of an answer.

        Raises:
            TryAgainError: when the exchange does not answer, is busy, or answers half.
            InvalidInputError: when it refuses, or has no such symbol.
        """
        try:
            client = self._client()
            client.sent = []
            market, rows = self._rows(client, step)
        except self._library.NetworkError as error:
            raise TryAgainError(f"`{self._name}`: {echo(str(error))}") from error
        except self._library.BaseError as error:
            raise InvalidInputError(
                f"`{self._name}` refuses `{echo(step.key)}`: {echo(str(error))}",
                help="the exchange does not serve this symbol, span or bar length",
            ) from error
        envelope = {
            "exchange": self._name,
            "method": step.target,
            "asked_at": to_text(self._clock.now()),
            "contract_size": market.get("contractSize") or 1.0,
            "responses": client.sent,
            "rows": rows,
        }
        return Payload(json.dumps(envelope, separators=(",", ":"), allow_nan=False).encode())

    def _rows(self, client: Any, step: Step) -> tuple[Mapping[str, Any], Sequence[object]]:  # noqa: ANN401  # ccxt has no types.
        if step.target == "fetch_markets":
            return {}, [_market_row(self._name, market) for market in client.fetch_markets()]
        market = self._market(client, step.symbol)
        asked = dict(step.query)
        name, since, limit = market["symbol"], int(asked["since"]), int(asked["limit"])
        until = int(asked["until"])
        if step.target == "fetch_ohlcv":
            span = {"until": until}
            return market, client.fetch_ohlcv(name, asked["timeframe"], since, limit, span)
        if step.target == "fetch_open_interest_history":
            span = {"until": until}
            found = client.fetch_open_interest_history(name, asked["timeframe"], since, limit, span)
            return market, [_only(row, _OPEN_INTEREST_FIELDS) for row in found]
        if step.target == "fetch_funding_rate_history":
            # OKX pages back from `after`; the others take the end of a span.
            span = {"after" if self._name == "okx" else "until": until}
            found = client.fetch_funding_rate_history(name, since, limit, span)
            return market, [_only(row, _RATE_FIELDS) for row in found]
        return market, [_only(row, _TRADE_FIELDS) for row in self._trades(client, market, asked)]

    def _trades(self, client: Any, market: Mapping[str, Any], asked: Mapping[str, str]) -> Any:  # noqa: ANN401  # As above.
        if self._name == "hyperliquid":
            # Its `fetch_trades` asks for the fills of an account; the public ones have this name.
            sent = client.publicPostInfo({"type": "recentTrades", "coin": market["baseName"]})
            return client.parse_trades(sent, market)
        span = {"until": int(asked["until"])} if self._name == "binanceusdm" else {}
        since = int(asked["since"]) if self._name == "binanceusdm" else None
        return client.fetch_trades(market["symbol"], since, int(asked["limit"]), span)

    def _market(self, client: Any, symbol: str) -> Mapping[str, Any]:  # noqa: ANN401  # As above.
        for market in client.markets.values():
            if spelled(self._name, market) == symbol and market.get("contract"):
                found: Mapping[str, Any] = market
                return found
        raise InvalidInputError(
            f"`{self._name}` has no contract `{echo(symbol)}`",
            help="write it as the exchange spells it: `data ingest ... --streams instruments`",
        )

    def _client(self) -> Any:  # noqa: ANN401  # As above.
        """Return this thread's client, with the markets that one thread has loaded for all."""
        client = getattr(self._local, "client", None)
        if client is None:
            client = self._made()
            with self._lock:
                if not self._markets:
                    self._markets = client.fetch_markets()
            client.set_markets(self._markets)
            self._local.client = client
        return client

    def _made(self) -> Any:  # noqa: ANN401  # As above.
        types = {"types": list(_MARKET_TYPES[self._name])}
        client = self._kind(
            {
                "enableRateLimit": False,  # The ingest paces all threads together.
                "timeout": int(TIMEOUT_S * 1000),
                "options": {"fetchCurrencies": False, "fetchMarkets": types},
            }
        )
        client.sent, client.session.trust_env = [], False
        if self._base_url:
            client.urls["api"] = _redirected(client.urls["api"], self._base_url.rstrip("/"))
        return client


def spelled(name: str, market: Mapping[str, Any]) -> str:
    """Return a market's symbol as its exchange spells it: Hyperliquid's ids are mere numbers."""
    return str(market["baseName"] if name == "hyperliquid" else market["id"])


def _asking(base: Any, clock: Clock) -> Any:  # noqa: ANN401  # As above.
    """Make a client class that keeps what ccxt would hide."""

    class Asking(base):  # type: ignore[misc]  # ccxt has no types.
        sent: list[str]

        def on_rest_response(self, code: int, *rest: Any) -> str:  # noqa: ANN401  # ccxt's hook.
            _, url, _, headers, body = rest[:5]
            if code in _BUSY or code >= _SERVER_FAULT:
                pause = pause_asked(headers.get("Retry-After", ""), clock.now())
                raise TryAgainError(f"`{self.id}` answered {code}", after_seconds=pause)
            try:
                json.loads(body)
            except ValueError as error:
                where = echo(str(url).partition("?")[0])
                raise TryAgainError(f"`{self.id}` sent half an answer from {where}") from error
            self.sent.append(body)
            return str(super().on_rest_response(code, *rest))

        def filter_by_since_limit(self, array: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
            # What is older than was asked for is to be seen, not dropped.
            return self.to_array(array)

        def filter_by_value_since_limit(self, array: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
            return self.to_array(array)

    return Asking


def _redirected(value: Any, base_url: str) -> Any:  # noqa: ANN401  # Nested dicts of ccxt.
    if isinstance(value, dict):
        return {name: _redirected(item, base_url) for name, item in value.items()}
    path = str(value).partition("://")[2].partition("/")[2]
    return f"{base_url}/{path}".rstrip("/")


def _only(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: row.get(name) for name in names}


def _market_row(name: str, market: Mapping[str, Any]) -> dict[str, Any]:
    limits, precision = market.get("limits") or {}, market.get("precision") or {}
    return {
        **_only(market, ("base", "quote", "settle", "type", "contractSize", "created", "expiry")),
        "id": spelled(name, market),
        "active": market.get("active"),
        "tick": precision.get("price"),
        "lot": precision.get("amount"),
        "minNotional": (limits.get("cost") or {}).get("min"),
    }
