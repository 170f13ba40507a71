"""Files of records, a row each, whose columns have the names that recorders give them (polars).

``ALIASES`` brings the usual names to those of the schemas. Instants are timestamps with a zone or
epoch numbers, a column in one unit; ``local_ts`` becomes nanoseconds of the recorder's clock.
"""

from pathlib import Path

import polars as pl
import pyarrow as pa

from ...core.diagnostics import echo
from ...core.errors import InvalidInputError
from ..instants import instants
from ..reading import read_file
from ..schemas import arrow_schema, conformed

ALIASES = {
    "ts": "event_at",
    "timestamp": "event_at",
    "event_ts": "event_at",
    "local_ts": "received_ns",
    "local_timestamp": "received_ns",
    "qty": "quantity",
    "size": "quantity",
    "id": "trade_id",
    "last_update_id": "update_id",
    "bid_px": "bid_price",
    "bid_qty": "bid_quantity",
    "ask_px": "ask_price",
    "ask_qty": "ask_quantity",
    "funding_rate": "rate",
}
_SIDES = {"bid": "buy", "b": "buy", "buy": "buy", "ask": "sell", "a": "sell", "sell": "sell"}


def records_of(path: Path, kind: str) -> tuple[pa.Table, list[str]]:
    """Return the rows of a Parquet or CSV file as a kind, and the columns that it has no place for.

    A row is available from its instant, or from when the recorder had it, whichever is later.

    Raises:
        InvalidInputError: when a column is missing or a cell is outside its domain.
    """
    frame = read_file(path)
    known = arrow_schema(kind).names
    names = {name: ALIASES.get(name.lower(), name.lower()) for name in frame.columns}
    kept = {old: new for old, new in names.items() if new in known}
    if len(set(kept.values())) < len(kept):
        raise InvalidInputError(
            "two columns of the file mean the same", help="drop one of them: " + ", ".join(kept)
        )
    left = [name for name in frame.columns if name not in kept and name.lower() != "buyer_is_maker"]
    out = _with_numbers(frame.select(list(kept)).rename(kept), kind)
    out = _with_instants(_with_side(out, frame, kind), kind)
    if kind == "book_snapshots":
        out = _with_levels(out)
    return conformed(kind, out.to_arrow()), left


def _with_numbers(out: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Read the text of CSV cells as numbers where the kind has numbers."""
    schema = arrow_schema(kind)
    for name in out.columns:
        wanted = pl.Float64 if pa.types.is_floating(schema.field(name).type) else pl.Int64
        is_number = wanted == pl.Float64 or pa.types.is_integer(schema.field(name).type)
        if out.schema[name] != pl.String or not is_number or name == "received_ns":
            continue
        read = out.get_column(name).cast(wanted, strict=False)
        bad = out.get_column(name).filter(read.is_null() & out.get_column(name).is_not_null())
        if len(bad):
            raise InvalidInputError(
                f"`{echo(bad[0])}` in `{name}` is no number", help="mend the file at its source"
            )
        out = out.with_columns(read)
    return out


def _with_side(out: pl.DataFrame, frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    if "buyer_is_maker" in frame.columns and kind == "trades":
        is_sold = frame.get_column("buyer_is_maker").cast(pl.Boolean)
        return out.with_columns(
            pl.Series("side", is_sold.replace_strict({True: "sell", False: "buy"}))
        )
    if "side" not in out.columns:
        return out
    return out.with_columns(pl.col("side").str.to_lowercase().replace(_SIDES))


def _with_levels(out: pl.DataFrame) -> pl.DataFrame:
    """Number books by their instant where the venue does not, and levels from the best on."""
    if "update_id" not in out.columns:
        out = out.with_columns(pl.col("event_at").dt.epoch("us").alias("update_id"))
    if "level" in out.columns or not {"side", "price"} <= set(out.columns):
        return out
    from_best = pl.when(pl.col("side") == "buy").then(-pl.col("price")).otherwise(pl.col("price"))
    level = from_best.rank("dense").over("symbol", "update_id", "side") - 1
    return out.with_columns(level.cast(pl.Int64).alias("level"))


def _with_instants(out: pl.DataFrame, kind: str) -> pl.DataFrame:
    if "event_at" not in out.columns:
        raise InvalidInputError(
            f"a file of `{kind}` needs the instant of each row", help="name its column `event_at`"
        )
    event = instants(out.get_column("event_at"))[0].dt.cast_time_unit("us")
    available = event
    columns = [event.alias("event_at")]
    if "received_ns" in out.columns:
        received = _ns(out.get_column("received_ns"))
        columns.append(received.alias("received_ns"))
        had = received.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
        available = pl.select(pl.max_horizontal(event, had.dt.cast_time_unit("us"))).to_series()
    if "available_at" in out.columns:
        available = instants(out.get_column("available_at"))[0].dt.cast_time_unit("us")
    return out.with_columns(*columns, available.alias("available_at"))


def _ns(values: pl.Series) -> pl.Series:
    is_counted = values.dtype.is_integer()
    return values.cast(pl.Int64) if is_counted else _of_instant(values)


def _of_instant(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.epoch("ns")
    return instants(values)[0].dt.epoch("ns")
