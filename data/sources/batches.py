"""Rows laid out as the schema of their kind (polars to Arrow)."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from ..ingest.source import Batch
from ..schemas import arrow_schema


def batch_of(kind: str, venue: str, frame: pl.DataFrame, *, bar_seconds: int = 0) -> Batch:
    """Return rows as a batch: columns that the source does not have are empty."""
    schema = arrow_schema(kind)
    table = frame.to_arrow()
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return Batch(kind, venue, pa.Table.from_arrays(columns, schema=schema), bar_seconds)


def after(column: str, seconds: int) -> pl.Expr:
    """Return an instant so many seconds after a column."""
    return pl.col(column) + pl.duration(seconds=seconds)


def side_of_taker(is_buyer_maker: str) -> pl.Expr:
    """Return the aggressor's side: where the buyer rested, the seller came to him."""
    return pl.when(pl.col(is_buyer_maker)).then(pl.lit("sell")).otherwise(pl.lit("buy"))


def renamed(frame: pl.DataFrame, pairs: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Return some columns under other names, the rest left out."""
    return frame.select(pl.col(old).alias(new) for old, new in pairs)
