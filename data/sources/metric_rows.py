"""Daily metrics laid out as records: one row a metric, known a day after its day is over.

Vendors publish a day's numbers some hours after its end and do not record when: a whole day of lag
is assumed. Later changes of a value are revisions, known from the instant of their ingestion on.
"""

import io
from collections.abc import Sequence

import polars as pl

from ...core.errors import InvalidInputError, LimitError
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch
from .batches import after, batch_of

KIND = "chain_metrics"
DAY_SECONDS = 86_400
PUBLICATION_LAG_SECONDS = 86_400
INSTANT = pl.Datetime("us", "UTC")
# Compressed runs make a small Parquet file of any number of cells.
CELLS_MAX = 200_000_000
_PARQUET = b"PAR1"


def is_table(content: bytes) -> bool:
    """Tell whether bytes are a Parquet file, or text that begins with a header."""
    return content.startswith(_PARQUET) or content[:1].isalpha()


def columns_of(content: bytes) -> list[str]:
    """Return the names of a table's columns, or none when it cannot be read."""
    if content.startswith(_PARQUET):
        try:
            return list(pl.read_parquet_schema(io.BytesIO(content)))
        except (pl.exceptions.PolarsError, OSError):
            return []
    return content.partition(b"\n")[0].decode(errors="replace").strip().split(",")


def read_table(content: bytes) -> pl.DataFrame:
    """Read a CSV (all cells text) or Parquet file.

    Raises:
        InvalidInputError: when it is cut off.
        LimitError: when it unpacks to more cells than are taken at once.
    """
    try:
        if not content.startswith(_PARQUET):
            return pl.read_csv(io.BytesIO(content), infer_schema=False)
        lazy = pl.scan_parquet(io.BytesIO(content))
        cells = lazy.select(pl.len()).collect().item() * len(lazy.collect_schema())
        if cells > CELLS_MAX:
            raise LimitError(
                f"a table of {cells} cells is too large",
                help=f"at most {CELLS_MAX} are taken at once: split it",
            )
        return lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            "the file is cut off, or no table", help="download it again"
        ) from error


def metric_batch(
    venue: str, frame: pl.DataFrame, metrics: Sequence[str], *, lag_seconds: int
) -> Batch:
    """Return a wide frame (``asset``, ``event_at``, a column a metric) as records.

    Empty cells are no rows; ``lag_seconds`` after ``event_at`` a value could be known.

    Raises:
        ChangedSchemaError: when a cell of a metric is not a finite number.
    """
    wide = frame.select("asset", "event_at", *(_numbers(frame, name) for name in metrics))
    long = wide.unpivot(
        on=list(metrics), index=["asset", "event_at"], variable_name="metric", value_name="value"
    )
    rows = long.filter(pl.col("value").is_not_null()).with_columns(
        available_at=after("event_at", lag_seconds)
    )
    return batch_of(KIND, venue, rows)


def daily_batch(venue: str, frame: pl.DataFrame, metrics: Sequence[str]) -> Batch:
    """Return daily metrics as records: ``event_at`` is the day's first instant, UTC."""
    lag = DAY_SECONDS + PUBLICATION_LAG_SECONDS
    return metric_batch(venue, frame, metrics, lag_seconds=lag)


def dated(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Add ``event_at``, read from dates or ISO instants in UTC, whichever a column holds.

    Raises:
        ChangedSchemaError: when a cell holds neither.
    """
    held = frame.get_column(column)
    if held.dtype == pl.String:
        # Nanoseconds of vendors are zeros: what stands after the microseconds is cut.
        text = held.str.replace(r"Z$|\+00:00$", "").str.replace(r"(\.\d{6})\d+$", "$1")
        held = text.str.replace(" ", "T").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False)
        days = text.str.to_date("%Y-%m-%d", strict=False, exact=True).cast(pl.Datetime("us"))
        held = held.dt.cast_time_unit("us").zip_with(held.is_not_null(), days)
    at = held.cast(pl.Datetime("us"), strict=False).dt.replace_time_zone("UTC")
    if at.null_count():
        raise ChangedSchemaError(
            f"column `{column}` holds a cell that is no instant", help="download it again"
        )
    return frame.with_columns(at.alias("event_at"))


def _numbers(frame: pl.DataFrame, name: str) -> pl.Series:
    held = frame.get_column(name)
    if held.dtype == pl.String:
        held = held.str.strip_chars().replace("", None)
    numbers = held.cast(pl.Float64, strict=False).fill_nan(None)
    if numbers.null_count() != held.null_count() + _nans(held) or numbers.is_infinite().any():
        raise ChangedSchemaError(
            f"column `{name}` holds a cell that is not a number", help="download it again"
        )
    return numbers


def _nans(held: pl.Series) -> int:
    if held.dtype == pl.String:
        return int((held.str.to_lowercase() == "nan").sum())
    return int(held.is_nan().sum()) if held.dtype.is_float() else 0
