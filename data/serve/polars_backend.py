"""Reads through polars, lazily: the engine that answers unless another is named."""

from datetime import UTC, datetime

import polars as pl

from .. import tables
from ..records.reading import Window, known
from .plan import SNAPSHOT, Read


class PolarsBackend:
    """Polars over the files."""

    name = "polars"

    def rows(self, read: Read) -> pl.DataFrame:
        """Return the columns of a read."""
        lazy = _snapshot(read) if read.kind == SNAPSHOT else _records(read)
        if read.symbols:
            lazy = lazy.filter(pl.col("symbol").is_in(list(read.symbols)))
        return lazy.collect()


def _snapshot(read: Read) -> pl.LazyFrame:
    paths = [file.path for file in read.files]
    columns = list(read.columns)
    if not paths:
        text, number = pl.String, pl.Int64
        types = {"ts": number, "symbol": text, columns[-1]: text}
        return pl.LazyFrame(schema={name: types.get(name, pl.Float64) for name in columns})
    window = pl.col("ts").is_between(read.start, read.stop, closed="left")
    return tables.rows(paths, columns).filter(window)


def _records(read: Read) -> pl.LazyFrame:
    start, stop = (datetime.fromtimestamp(at, UTC) for at in (read.start, read.stop))
    window = Window(read.venue, read.bar_seconds, start, stop, read.as_of)
    files = [file.record for file in read.files if file.record is not None]
    return known(read.kind, files, window, read.columns)
