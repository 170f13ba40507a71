"""The columns that every table of records has beside those of its kind."""

from typing import TYPE_CHECKING

import polars as pl

from ..schemas import Record, arrow_schema, model_of
from ..schemas.record import TRANSPORT

if TYPE_CHECKING:
    import pyarrow as pa

VENUE, BAR, MONTH = "venue", "bar_seconds", "month"
PARTITIONS = (VENUE, BAR, MONTH)
# 0 for the row that came first, one more for each that said otherwise.
REVISION = "_revision"
# The object that the row was parsed from; empty where none was kept.
PAYLOAD = "_payload"
# When the first row of a key was available, whatever was said later; told when it is asked for.
FIRST = "first_available_at"
INSTANT = pl.Datetime("us", "UTC")


def stored_schema(kind: str) -> "pa.Schema":
    """Return the Arrow schema of a kind's table."""
    import pyarrow as pa

    # What is required is checked on the way in; a later version may add what old files lack.
    own = [field.with_nullable(nullable=True) for field in arrow_schema(kind)]
    more = [(REVISION, pa.int32()), (PAYLOAD, pa.string())]
    parts = [(VENUE, pa.string()), (BAR, pa.int32()), (MONTH, pa.string())]
    return pa.schema([*own, *(pa.field(name, type_) for name, type_ in (*more, *parts))])


def polars_schema(kind: str) -> pl.Schema:
    """Return the types of a kind's table as polars names them."""
    empty = pl.from_arrow(stored_schema(kind).empty_table())
    assert isinstance(empty, pl.DataFrame)
    return empty.schema


def visible(kind: str) -> list[str]:
    """Return what readers see: the columns of the kind, and whose and of which bar they are."""
    return [*arrow_schema(kind).names, VENUE, BAR]


def values_of(model: type[Record]) -> list[str]:
    """Return the columns in which two rows of one key may differ and so be revisions."""
    names = arrow_schema(model.KIND).names
    return [name for name in names if name not in model.KEY and name not in TRANSPORT]


def order_of(kind: str) -> list[str]:
    """Return the columns by which the rows of a file are sorted."""
    model = model_of(kind)
    return list(dict.fromkeys([model.ENTITY, "event_at", *model.KEY, REVISION]))
