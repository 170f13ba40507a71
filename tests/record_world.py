"""Bars of records for tests, and the places they go to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from alphaforge.core.clock import SteppedClock
from alphaforge.data.records import Records

START = datetime(2025, 1, 1, tzinfo=UTC)
LATER = datetime(2025, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def records_at(path: Path, now: datetime = LATER) -> Records:
    return Records(path / "lake", SteppedClock(now))


def bar_table(
    symbols: str = "AB", hours: int = 48, *, start: datetime = START, price: float = 100.0
) -> pa.Table:
    rows = [
        {
            "symbol": f"{symbol}USDT",
            "event_at": start + hour * HOUR,
            "available_at": start + (hour + 1) * HOUR,
            "open": (price + hour) * (1 + number),
            "high": (price + hour) * (1 + number) + 2,
            "low": (price + hour) * (1 + number) - 1,
            "close": (price + hour) * (1 + number) + 1,
            "volume": 10.0 + hour,
        }
        for number, symbol in enumerate(symbols)
        for hour in range(hours)
    ]
    return pa.Table.from_pylist(rows)


def changed(table: pa.Table, row: int, column: str, value: float) -> pa.Table:
    rows = table.to_pylist()
    rows[row][column] = value
    return pa.Table.from_pylist(rows)
