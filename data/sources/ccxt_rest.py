"""What exchanges answer over REST, as the ccxt library asks for it: requests out, rows in.

A payload is an envelope: the texts as the exchange sent them, and the rows that ccxt read from
them. Windows of requests lie on a grid that begins at the epoch, so that equal windows have equal
names whatever was asked for. What a page lacks of its window is asked for until nothing comes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from ...core.diagnostics import echo
from ...core.durations import duration_text
from ...core.errors import InvalidInputError
from ..ingest.fetch import BackwardsError, ChangedSchemaError
from ..ingest.ledger import PART
from ..ingest.source import Batch, Step, Wanted
from .ccxt_rows import READERS, Envelope

HOUR, DAY = 3600, 86_400
EPOCH = datetime.fromtimestamp(0, UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
# Longer than any answer that holds no row.
EMPTY_BYTES_MAX = 1024
METHODS = {
    "bars": "fetch_ohlcv",
    "funding": "fetch_funding_rate_history",
    "open_interest": "fetch_open_interest_history",
    "trades": "fetch_trades",
    "instruments": "fetch_markets",
}
# A complete page ends within so much of its window's end; bars and open interest: one period.
FUNDING_SECONDS_MAX = 8 * HOUR
OPEN_INTEREST_SECONDS_MIN = 300


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange: rows a page by stream, and which of them cannot be asked by time."""

    name: str
    pages: Mapping[str, int]
    recent: frozenset[str] = frozenset()


EXCHANGES = (
    Exchange(
        "binanceusdm",
        {"bars": 1000, "funding": 1000, "open_interest": 500, "trades": 1000, "instruments": 0},
    ),
    Exchange(
        "bybit",
        {"bars": 1000, "funding": 200, "open_interest": 200, "trades": 1000, "instruments": 0},
        recent=frozenset({"trades"}),
    ),
    Exchange(
        "okx",
        {"bars": 100, "funding": 100, "open_interest": 100, "trades": 500, "instruments": 0},
        recent=frozenset({"trades"}),
    ),
    Exchange(
        "hyperliquid",
        {"bars": 1000, "funding": 500, "trades": 100, "instruments": 0},
        recent=frozenset({"trades"}),
    ),
)


class CcxtSource:
    """One exchange over REST."""

    def __init__(self, exchange: Exchange) -> None:
        """Keep what the exchange offers."""
        self.name = exchange.name
        self._exchange = exchange
        self.streams: Mapping[str, str] = MappingProxyType(
            {stream: stream for stream in exchange.pages}
        )

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Give a request a window, of each stream and symbol."""
        for stream in wanted.streams:
            if stream == "instruments":
                yield self._today(stream, "", wanted)
                continue
            for symbol in wanted.symbols:
                if stream in self._exchange.recent:
                    yield self._today(stream, symbol, wanted)
                else:
                    yield from self._windows(stream, symbol, wanted)

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read the rows of a window.

        Raises:
            BackwardsError: when the exchange answers with times before the window.
            ChangedSchemaError: when a row lacks what rows of its stream have.
        """
        envelope = self._opened(step, payload)
        batch = READERS[step.stream](self.name, step, envelope)
        return [batch]

    def following(self, step: Step, payload: bytes) -> Sequence[Step]:
        """Ask for what a page lacks at the beginning or the end of its window, until it is empty.

        Exchanges cap pages, some keep the oldest rows and some the newest; each request asked for
        here has a shorter window than the one before.
        """
        if step.stream == "instruments" or step.stream in self._exchange.recent:
            return ()
        envelope = self._opened(step, payload)
        times, reach = envelope.times(step), self._reach_seconds(step) * 1000
        start, end = _ms(step.start), _ms(step.end)
        inside = [at for at in times if at < end]
        if not inside:
            return ()
        first, last = min(inside), max(inside)
        # Trades of one millisecond may be cut in two by the page: their time is asked again.
        after = last if step.stream == "trades" else last + 1
        found = []
        if reach and first >= start + reach:
            found.append(_part(step, start, first))
        # What was still to come when it was asked for is not missing.
        if last + reach < min(end, _ms(envelope.asked_at)) and after > start:
            found.append(_part(step, after, end))
        return found

    def _opened(self, step: Step, payload: bytes) -> Envelope:
        try:
            envelope = Envelope.read(json.loads(payload))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInputError(
                f"the payload of `{echo(step.key)}` is no envelope", help="fetch it again"
            ) from error
        if not envelope.rows and envelope.size > EMPTY_BYTES_MAX:
            raise ChangedSchemaError(
                f"no row was found in {envelope.size} bytes of `{echo(step.target)}`",
                help="the payload is kept; the exchange changed its answers, or ccxt is too old",
            )
        if step.stream != "instruments" and step.stream not in self._exchange.recent:
            early = [at for at in envelope.times(step) if at < _ms(step.start)]
            if early:
                raise BackwardsError(
                    f"{len(early)} rows lie before {step.start:%Y-%m-%dT%H:%M:%S}, from which "
                    "they were asked for",
                    help="the exchange did not heed the time: nothing of the page is stored",
                )
        return envelope

    def _windows(self, stream: str, symbol: str, wanted: Wanted) -> Iterator[Step]:
        period = _period_seconds(stream, wanted.bar_seconds)
        span = self._exchange.pages[stream] * period if stream != "trades" else HOUR
        at = int(wanted.start.timestamp()) // span * span
        edge = min(wanted.end, wanted.now).timestamp()
        while at < edge:
            yield self._step(stream, symbol, at, at + span, period)
            at += span

    def _today(self, stream: str, symbol: str, wanted: Wanted) -> Step:
        """Give a request for what is there now: it is never final."""
        at = int(wanted.now.timestamp()) // DAY * DAY
        return replace(self._step(stream, symbol, at, at + DAY, 0), final_at=NEVER)

    def _step(self, stream: str, symbol: str, start: int, end: int, period: int) -> Step:
        words = [
            stream,
            *([symbol] if symbol else []),
            *([duration_text(period)] if period else []),
        ]
        query = [("symbol", symbol), ("since", str(start * 1000)), ("until", str(end * 1000 - 1))]
        query += [("limit", str(self._exchange.pages[stream]))]
        query += [("timeframe", duration_text(period))] if period else []
        over = datetime.fromtimestamp(end, UTC)
        return Step(
            key=f"{'/'.join(words)}/{start}",
            target=METHODS[stream],
            stream=stream,
            symbol=symbol,
            start=datetime.fromtimestamp(start, UTC),
            end=over,
            # Exchanges mend the last minutes of what they serve.
            final_at=over + timedelta(seconds=OPEN_INTEREST_SECONDS_MIN),
            overdue_at=over + timedelta(days=1),
            query=tuple(query),
            bar_seconds=period if stream == "bars" else 0,
        )

    def _reach_seconds(self, step: Step) -> int:
        if step.stream == "funding":
            return FUNDING_SECONDS_MAX
        if step.stream == "trades":
            return 0
        return seconds_in(step)


def seconds_in(step: Step) -> int:
    """Return the period of a step's rows, in seconds."""
    from ...core.durations import seconds_of

    return seconds_of(dict(step.query)["timeframe"])


def _part(step: Step, start: int, end: int) -> Step:
    """Return a request for a part of a step's window, in ms."""
    whole = step.key.partition(PART)[0]
    asked = dict(step.query) | {"since": str(start), "until": str(end - 1)}
    return replace(
        step,
        key=f"{whole}{PART}{start}-{end}",
        start=EPOCH + timedelta(milliseconds=start),
        end=EPOCH + timedelta(milliseconds=end),
        query=tuple(asked.items()),
    )


def _period_seconds(stream: str, bar_seconds: int) -> int:
    if stream == "funding":
        return HOUR
    if stream == "open_interest":
        return max(bar_seconds, OPEN_INTEREST_SECONDS_MIN)
    return bar_seconds if stream == "bars" else 0


def _ms(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)


CCXT_SOURCES = tuple(CcxtSource(each) for each in EXCHANGES)
