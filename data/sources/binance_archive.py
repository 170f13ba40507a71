"""Binance's public archive of zips: a month a file where the month is over, else a day a file.

``data/futures/um/{monthly,daily}/KIND/SYMBOL/[INTERVAL/]SYMBOL-KIND-DATE.zip``, a ``.CHECKSUM``
beside each. Files of a month come some days after its end and never change but by a new checksum.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from ...core.durations import duration_text
from ...core.errors import InvalidInputError
from ..ingest.source import Batch, Step, Wanted
from .binance_csv import READERS
from .unzip import only_member

DAY = timedelta(days=1)
# An absence is believed to last when the file is overdue by so much.
MONTH_OVERDUE, DAY_OVERDUE = timedelta(days=10), timedelta(days=5)
INTERVALS = frozenset({60, 180, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 28_800, 43_200, 86_400})


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of file: our record, the archive's folder, and which spans its files have."""

    kind: str
    folder: str
    is_monthly: bool = True
    is_daily: bool = True


FUTURES = {
    "bars": Stream("bars", "klines"),
    "funding": Stream("funding", "fundingRate", is_daily=False),
    "trades": Stream("trades", "trades"),
    "agg_trades": Stream("trades", "aggTrades"),
    "quotes": Stream("quotes", "bookTicker"),
    "open_interest": Stream("open_interest", "metrics", is_monthly=False),
}
SPOT = {name: FUTURES[name] for name in ("bars", "trades", "agg_trades")}


class BinanceArchive:
    """One market of the archive."""

    def __init__(self, name: str, venue: str, prefix: str, streams: Mapping[str, Stream]) -> None:
        """Keep the market's folder, the venue its records belong to, and what it has files of."""
        self.name = name
        self._venue = venue
        self._prefix = prefix
        self._streams = streams
        self.streams: Mapping[str, str] = MappingProxyType(
            {stream: its.kind for stream, its in streams.items()}
        )

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Give a file a month, or a day where there are none a month or the month goes on."""
        if "bars" in wanted.streams and wanted.bar_seconds not in INTERVALS:
            raise InvalidInputError(
                f"the archive has no bars of {duration_text(wanted.bar_seconds)}",
                help="it has 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h and 1d",
            )
        for stream in wanted.streams:
            for symbol in wanted.symbols:
                for month in _months(wanted.start, min(wanted.end, wanted.now)):
                    yield from self._month(stream, symbol, month, wanted)

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read the one CSV file in a zip."""
        folder = self._streams[step.stream].folder
        _, content = only_member(payload)
        batch = READERS[folder](self._venue, step.symbol, step.bar_seconds, content)
        return [batch]

    def instead(self, step: Step) -> Sequence[Step]:
        """Give the days of a month that has no file of its own, or one too large to be taken."""
        if "/monthly/" not in step.target or not self._streams[step.stream].is_daily:
            return ()
        days = _days(step.start, step.end)
        return [self._file(step.stream, step.symbol, day, day + DAY, step.bar_seconds)
                for day in days]  # fmt: skip

    def _month(self, stream: str, symbol: str, month: datetime, wanted: Wanted) -> Iterator[Step]:
        its, over = self._streams[stream], _next_month(month)
        bar = wanted.bar_seconds if its.kind == "bars" else 0
        if its.is_monthly and (over <= wanted.now or not its.is_daily):
            yield self._file(stream, symbol, month, over, bar)
            return
        first, last = max(month, _midnight(wanted.start)), min(over, wanted.end, wanted.now)
        for day in _days(first, last):
            # The file of a day is made when the day is over.
            if day + DAY <= wanted.now:
                yield self._file(stream, symbol, day, day + DAY, bar)

    def _file(
        self, stream: str, symbol: str, start: datetime, end: datetime, bar_seconds: int
    ) -> Step:
        is_month = end - start > DAY
        folder = self._streams[stream].folder
        middle = duration_text(bar_seconds) if bar_seconds else folder
        date = start.strftime("%Y-%m" if is_month else "%Y-%m-%d")
        place = "/".join(
            [
                *(self._prefix, "monthly" if is_month else "daily", folder, symbol),
                *([middle] if bar_seconds else []),
            ]
        )
        target = f"{place}/{symbol}-{middle}-{date}.zip"
        return Step(
            key=target,
            target=target,
            stream=stream,
            symbol=symbol,
            start=start,
            end=end,
            final_at=end,
            overdue_at=end + (MONTH_OVERDUE if is_month else DAY_OVERDUE),
            bar_seconds=bar_seconds,
        )


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _months(start: datetime, end: datetime) -> Iterator[datetime]:
    month = _midnight(start).replace(day=1)
    while month < end:
        yield month
        month = _next_month(month)


def _days(start: datetime, end: datetime) -> Iterator[datetime]:
    day = _midnight(start)
    while day < end:
        yield day
        day += DAY


ARCHIVES = (
    BinanceArchive("binance_archive", "binanceusdm", "data/futures/um", FUTURES),
    BinanceArchive("binance_spot_archive", "binance", "data/spot", SPOT),
)
