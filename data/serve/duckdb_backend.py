"""Reads through DuckDB, locked down: only the folders of the plan's files, nothing else."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from ..quality.checks import locked_down
from ..records.columns import BAR, FIRST, REVISION, VENUE
from ..schemas import model_of
from .plan import SNAPSHOT, Read
from .polars_backend import PolarsBackend

_MICROS = 1_000_000


class DuckDBBackend:
    """DuckDB over the files."""

    name = "duckdb"

    def rows(self, read: Read) -> pl.DataFrame:
        """Return the columns of a read; values reach the statement as parameters alone."""
        if not read.files:
            return PolarsBackend().rows(read)
        folders = {Path(file.path).parent for file in read.files}
        with locked_down(*sorted(folders)) as connection:
            return (
                _snapshot(connection, read) if read.kind == SNAPSHOT else _records(connection, read)
            )


def _snapshot(connection: duckdb.DuckDBPyConnection, read: Read) -> pl.DataFrame:
    # Names of columns are the card's, made of [a-z0-9_] only; quoting keeps keywords apart.
    names = ", ".join(f'"{name}"' for name in read.columns if name != "ts")
    found = connection.sql(
        f"SELECT epoch_us(ts) // {_MICROS} AS ts, {names} "
        "FROM read_parquet($paths, hive_partitioning = false) "
        f"WHERE epoch_us(ts) >= $start AND epoch_us(ts) < $stop {_symbols(read)}",
        params=_parameters(read),
    )
    return _frame(found).select(read.columns)


def _records(connection: duckdb.DuckDBPyConnection, read: Read) -> pl.DataFrame:
    parts = {VENUE: "VARCHAR", BAR: "INTEGER", "month": "VARCHAR"}
    types = ", ".join(f"'{name}': {kind}" for name, kind in parts.items())
    key = ", ".join(f'"{name}"' for name in (*model_of(read.kind).KEY, VENUE, BAR))
    said = {
        "event_at": "epoch_us(event_at) AS event_at",
        FIRST: f"epoch_us(first_value(available_at) OVER (PARTITION BY {key} "
        f"ORDER BY {REVISION})) AS {FIRST}",
    }
    columns = ", ".join(said.get(name, f'"{name}"') for name in read.columns)
    parameters = _parameters(read)
    as_of = ""
    if read.as_of is not None:
        as_of = "AND epoch_us(available_at) <= $as_of"
        parameters["as_of"] = _micros(read.as_of)
    found = connection.sql(
        f"SELECT {columns} FROM read_parquet($paths, union_by_name = true, "
        f"hive_partitioning = true, hive_types = {{{types}}}) "
        f"WHERE epoch_us(event_at) >= $start AND epoch_us(event_at) < $stop {as_of} "
        f"{_symbols(read)} "
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {REVISION} DESC) = 1",
        params=parameters,
    )
    frame = _frame(found)
    instants = [name for name in ("event_at", FIRST) if name in frame.columns]
    return frame.with_columns(pl.col(instants).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))


def _frame(found: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    frame = pl.from_arrow(found.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def _symbols(read: Read) -> str:
    return "AND list_contains($symbols, symbol)" if read.symbols else ""


def _parameters(read: Read) -> dict[str, object]:
    said: dict[str, object] = {
        "paths": [file.path for file in read.files],
        "start": read.start * _MICROS,
        "stop": read.stop * _MICROS,
    }
    return said | ({"symbols": list(read.symbols)} if read.symbols else {})


def _micros(instant: datetime) -> int:
    # Whole microseconds: a float of seconds would round them.
    since = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86400 + since.seconds) * _MICROS + since.microseconds
