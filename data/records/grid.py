"""Lay the records of a dataset on the grid of its bars (polars).

1. Bars come first: there are no other rows.
2. A settlement belongs to the bar that it opens; of several in one bar the rates are summed.
3. A mark or an open interest belongs to the bar at whose end it is the last that was known: an
   event of a later bar, or one that was published later, is not. One that was published more
   than a day late is the state of no bar.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from ...core.errors import InvalidInputError
from .columns import FIRST
from .records import Records

# Venues settle some milliseconds off the hour.
_SETTLEMENT_STEP = "1m"
LATE_MAX = timedelta(days=1)
PARTS = {
    "marks": {"mark": "mark", "index": "index"},
    "open_interest": {"base": "open_interest", "quote": "open_interest_quote"},
}
BAR_COLUMNS = (
    "open",
    "high",
    "low",
    "close",
    "volume",
    "quote_volume",
    "trades",
    "taker_buy_volume",
    "taker_buy_quote_volume",
)

KINDS_LAID = ("bars", "funding", *PARTS)


@dataclass(frozen=True, slots=True)
class Laid:
    """Rows as a file of bars would hold them, and the version of each table they came from."""

    frame: pl.DataFrame
    venue: str
    bar_seconds: int
    versions: tuple[tuple[str, int], ...]


def laid(
    records: Records,
    dataset: str,
    *,
    venue: str = "",
    bar_seconds: int = 0,
    as_of: datetime | None = None,
) -> Laid:
    """Return the bars of one venue with what else is known of them at their ends.

    Raises:
        NotFoundError: when the dataset has no records of bars.
        InvalidInputError: when it has bars of several venues or lengths and none was named.
    """
    versions = {"bars": records.version("bars", dataset)}
    told = records.described("bars", dataset)
    venue = single("venue", venue, told.venues)
    bar = int(single("bar_seconds", str(bar_seconds or ""), tuple(map(str, told.bars))))
    frame = records.scan(
        "bars",
        dataset,
        venue=venue,
        bar_seconds=bar,
        as_of=as_of,
        columns=("symbol", "event_at", *BAR_COLUMNS),
        version=versions["bars"],
    ).collect()
    frame = _without_empty(frame).rename({"event_at": "ts"})
    there = records.kinds(dataset)
    for kind in KINDS_LAID[1:]:
        if kind not in there:
            continue
        versions[kind] = records.version(kind, dataset)
        columns = ("symbol", "event_at", FIRST, *(PARTS.get(kind) or ("rate",)))
        rows = records.scan(
            kind, dataset, venue=venue, as_of=as_of, columns=columns, version=versions[kind]
        )
        found = _without_empty(part_of(kind, columns)(rows, bar).collect())
        frame = frame.join(found, on=["symbol", "ts"], how="left")
    return Laid(frame, venue, bar, tuple(sorted(versions.items())))


def single(what: str, said: str, there: tuple[str, ...]) -> str:
    """Return what was named, or the only one there is.

    Raises:
        InvalidInputError: when it is not there, or there are several and none was named.
    """
    if said in there:
        return said
    if not said and len(there) == 1:
        return there[0]
    raise InvalidInputError(
        f"the dataset has no bars with {what} {said}" if said else f"name the {what} of the bars",
        help=f"there are: {', '.join(there)}",
    )


def _without_empty(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop columns without a value: a dataset has the fields that its venue gave."""
    return frame.select(column for column in frame if column.null_count() < frame.height)


def _settled(rows: pl.LazyFrame, bar: int) -> pl.LazyFrame:
    opens = pl.col("event_at").dt.round(_SETTLEMENT_STEP).dt.truncate(f"{bar}s")
    return (
        rows.select("symbol", opens.alias("ts"), "event_at", "rate")
        .sort("symbol", "event_at")
        .group_by("symbol", "ts", maintain_order=True)
        .agg(pl.col("rate").sum().alias("funding_rate"))
    )


def part_of(kind: str, columns: Sequence[str]) -> Callable[[pl.LazyFrame, int], pl.LazyFrame]:
    """Return what turns rows of a kind into fields by bar and symbol, ``ts`` the bar's open."""
    if kind == "funding":
        return _settled
    names = {old: new for old, new in PARTS[kind].items() if old in columns}

    def part(rows: pl.LazyFrame, bar: int) -> pl.LazyFrame:
        known = pl.max_horizontal("event_at", FIRST)
        # What happens at a bar's end is the last of it, not the first of the next.
        opens = known.dt.offset_by("-1us").dt.truncate(f"{bar}s")
        return (
            rows.filter(known - pl.col("event_at") <= LATE_MAX)
            .with_columns(opens.alias("ts"))
            .sort("symbol", "event_at")
            .group_by("symbol", "ts", maintain_order=True)
            .agg(pl.col(old).drop_nulls().last().alias(new) for old, new in names.items())
        )

    return part
