"""How hourly bars are best laid in files: reads and bytes by partition, row group and order.

Each layout is written once (ZSTD, as the lake does) and read as the lake reads: one field of all
instruments over all years, one instrument, and one week. Best of three, files in the page cache.
Arguments: instruments, years, and the names of layouts; without names, all.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

START = datetime(2022, 1, 1, tzinfo=UTC)
YEAR_HOURS = 365 * 24
READS = 3
FIELDS = ("open", "high", "low", "close", "volume", "quote_volume", "taker_buy_volume")


@dataclass(frozen=True, slots=True)
class Layout:
    """Hours and instruments of one file, rows of one group, and what rows are sorted by."""

    hours: int
    instruments: int
    group_rows: int
    order: tuple[str, str]


BY_SYMBOL, BY_TIME = ("symbol", "event_at"), ("event_at", "symbol")
MONTH = YEAR_HOURS // 12
LAYOUTS = {
    "month, by symbol, groups of 1M": Layout(MONTH, 10**6, 2**20, BY_SYMBOL),
    "month, by symbol, groups of 64k": Layout(MONTH, 10**6, 2**16, BY_SYMBOL),
    "month, by symbol, groups of 8k": Layout(MONTH, 10**6, 2**13, BY_SYMBOL),
    "month, by time, groups of 1M": Layout(MONTH, 10**6, 2**20, BY_TIME),
    "month, by time, groups of 64k": Layout(MONTH, 10**6, 2**16, BY_TIME),
    "year, by symbol, groups of 1M": Layout(YEAR_HOURS, 10**6, 2**20, BY_SYMBOL),
    "day, by symbol, groups of 1M": Layout(24, 10**6, 2**20, BY_SYMBOL),
    "a file an instrument": Layout(10**6, 1, 2**20, BY_SYMBOL),
}


def block(first: int, hours: int, symbols: range, seed: int) -> pl.DataFrame:
    """Make bars whose prices walk in ticks and whose volumes are round, as venues give them."""
    random = np.random.default_rng(seed)
    count = len(symbols)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.006, (count, hours)), axis=1))
    spread = np.abs(random.normal(0, 0.003, (3, count, hours)))
    volume = np.round(random.lognormal(6, 1, (count, hours)), 1)
    start = START + first * timedelta(hours=1)
    times = pl.datetime_range(
        start, start + timedelta(hours=hours - 1), "1h", time_unit="us", time_zone="UTC", eager=True
    )
    cells = {
        "open": close * (1 + spread[0] - 0.003),
        "high": close * (1 + spread[1]),
        "low": close * (1 - spread[2]),
        "close": close,
        "volume": volume,
        "quote_volume": volume * close,
        "taker_buy_volume": np.round(volume / 2, 1),
    }
    frame = pl.DataFrame({name: np.round(cells[name], 2).reshape(-1) for name in FIELDS})
    names = np.repeat([f"S{number:03d}USDT" for number in symbols], hours)
    when = pl.concat([times] * count).alias("event_at")
    return frame.with_columns(pl.Series("symbol", names), when).with_columns(
        pl.col("event_at").dt.offset_by("1h").alias("available_at")
    )


def blocks(layout: Layout, instruments: int, hours: int) -> Iterator[pl.DataFrame]:
    """Yield the rows of one file after another."""
    for first in range(0, hours, layout.hours):
        for low in range(0, instruments, layout.instruments):
            symbols = range(low, min(instruments, low + layout.instruments))
            yield block(first, min(layout.hours, hours - first), symbols, first + low)


def write(folder: Path, layout: Layout, instruments: int, hours: int) -> list[Path]:
    """Write a layout, and return its files."""
    paths = []
    for number, frame in enumerate(blocks(layout, instruments, hours)):
        path = folder / f"{number:05d}.parquet"
        frame.sort(layout.order).write_parquet(
            path, compression="zstd", compression_level=3, row_group_size=layout.group_rows
        )
        paths.append(path)
    return paths


def best_ms(work: Callable[[], pl.DataFrame]) -> float:
    """Time some work: best of a few."""
    times = []
    for _ in range(READS):
        start = time.perf_counter()
        assert work().height
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def measure(name: str, instruments: int, hours: int) -> None:
    """Print one line on one layout."""
    with tempfile.TemporaryDirectory() as home:
        paths = write(Path(home), LAYOUTS[name], instruments, hours)
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
        lazy = pl.scan_parquet(paths, glob=False).select("symbol", "event_at", "close")
        one = lazy.filter(pl.col("symbol") == "S000USDT")
        middle = START + timedelta(hours=hours // 2)
        week = lazy.filter(
            pl.col("event_at").is_between(middle, middle + timedelta(days=7), closed="left")
        )
        reads = [best_ms(query.collect) for query in (lazy, one, week)]
    cells = "".join(f"{value:12.0f}" for value in (*reads, megabytes, len(paths)))
    print(f"{name:34}{cells}", flush=True)


def main(instruments: int = 500, years: float = 3, names: tuple[str, ...] = ()) -> None:
    """Print a table: milliseconds of three reads, megabytes, files."""
    hours = int(years * YEAR_HOURS)
    heads = ("all, ms", "one, ms", "week, ms", "MB", "files")
    print(f"{instruments * hours} hourly bars of {instruments} instruments, one field read")
    print(" " * 34 + "".join(f"{head:>12}" for head in heads))
    for name in names or LAYOUTS:
        measure(name, instruments, hours)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 500,
        float(given[1]) if len(given) > 1 else 3,
        tuple(given[2:]),
    )
