"""From data files to rows as they were known at an instant (polars, lazy)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from ...core.errors import InvalidInputError
from ..schemas import model_of
from .columns import BAR, FIRST, INSTANT, MONTH, REVISION, VENUE, polars_schema, visible
from .delta import File

# A row whose event time is no part of its key may be revised by a row this far from it.
DRIFT = timedelta(days=1)
_HIVE = {VENUE: pl.String, BAR: pl.Int32, MONTH: pl.String}
_LATEST = "_latest"


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows: a venue, a bar, events in ``[start, end)``, as they were known at ``as_of``."""

    venue: str = ""
    bar_seconds: int = 0
    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse naive instants."""
        for instant in (self.start, self.end, self.as_of):
            if instant is not None and instant.tzinfo is None:
                raise InvalidInputError(
                    f"`{instant}` has no zone", help="give an aware instant in UTC"
                )

    def holds(self, file: File, drift: timedelta) -> bool:
        """Tell whether a file may have rows of the window."""
        # Statistics of instants are cut to milliseconds by some writers.
        slack = drift + timedelta(milliseconds=1)
        return (
            self.venue in {"", file.venue}
            and self.bar_seconds in {0, file.bar_seconds}
            and (self.start is None or file.last + slack >= self.start)
            and (self.end is None or file.first - slack < self.end)
        )


def raw(kind: str, files: Iterable[File], options: Mapping[str, str] | None = None) -> pl.LazyFrame:
    """Return all rows of files, every revision, with the columns of storage."""
    paths = [file.path for file in files]
    schema = polars_schema(kind)
    if not paths:
        return pl.LazyFrame(schema=schema)
    lazy = pl.scan_parquet(
        paths,
        glob=False,
        hive_partitioning=True,
        hive_schema=_HIVE,
        schema=pl.Schema({name: dtype for name, dtype in schema.items() if name not in _HIVE}),
        missing_columns="insert",
        storage_options=dict(options) if options else None,
    )
    return lazy.select(list(schema))


def drift_of(kind: str) -> timedelta:
    """Return how far revisions of one key may lie apart in event time."""
    return timedelta() if "event_at" in model_of(kind).KEY else DRIFT


def known(
    kind: str,
    files: Sequence[File],
    window: Window,
    columns: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
) -> pl.LazyFrame:
    """Return, of each key, the latest revision that was available at ``as_of``."""
    key = [*model_of(kind).KEY, VENUE, BAR]
    held = [file for file in files if window.holds(file, drift_of(kind))]
    lazy = raw(kind, held, options)
    if window.as_of is not None:
        lazy = lazy.filter(pl.col("available_at") <= _instant(window.as_of))
    revised = [file for file in held if file.revision_max > 0]
    first = pl.col("available_at").alias(FIRST)
    if revised:
        # Few rows are ever revised: only their keys are looked up.
        latest = raw(kind, revised, options).filter(pl.col(REVISION) > 0)
        if window.as_of is not None:
            latest = latest.filter(pl.col("available_at") <= _instant(window.as_of))
        latest = latest.group_by(key).agg(pl.col(REVISION).max().alias(_LATEST))
        if FIRST in columns:
            zeroth = raw(kind, held, options).filter(pl.col(REVISION) == 0).select(*key, first)
            latest = latest.join(zeroth, on=key, how="left", nulls_equal=True)
            first = pl.col(FIRST).fill_null(pl.col("available_at"))
        lazy = lazy.join(latest, on=key, how="left", nulls_equal=True, maintain_order="left")
        lazy = lazy.filter(pl.col(REVISION) == pl.col(_LATEST).fill_null(0))
    if FIRST in columns:
        lazy = lazy.with_columns(first)
    event = pl.col("event_at")
    if window.start is not None:
        lazy = lazy.filter(event >= _instant(window.start))
    if window.end is not None:
        lazy = lazy.filter(event < _instant(window.end))
    return lazy.select(list(columns) or visible(kind))


def _instant(instant: datetime) -> pl.Expr:
    return pl.lit(instant.astimezone(UTC), INSTANT)
