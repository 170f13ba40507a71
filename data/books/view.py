"""The book of one instrument as the records of a dataset tell it."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ...core.diagnostics import echo
from ...core.errors import NotFoundError
from ..records import Records
from .agreement import Agreement, agreement
from .rebuild import Rebuilt, rebuild


@dataclass(frozen=True, slots=True)
class BookView:
    """A rebuilt book, and how it agrees with published quotes; None: the dataset has none."""

    rebuilt: Rebuilt
    agreement: Agreement | None


def view_of(records: Records, dataset: str, symbol: str, *, at: datetime | None = None) -> BookView:
    """Rebuild the book of an instrument from its first message to an instant, or to the last.

    Raises:
        NotFoundError: when the dataset has no messages of this instrument.
    """
    kinds = set(records.kinds(dataset))
    snapshots = _rows(records, "book_snapshots", dataset, symbol, at)
    deltas = _rows(records, "book_deltas", dataset, symbol, at)
    if snapshots.height == 0:
        raise NotFoundError(
            f"`{echo(dataset)}` has no order book of `{echo(symbol)}`",
            help="import its snapshots and changes first",
            next=f"alphaforge data import FILE --name {dataset} --kind book_snapshots --venue V",
        )
    rebuilt = rebuild(snapshots, deltas)
    published = _rows(records, "quotes", dataset, symbol, at) if "quotes" in kinds else None
    return BookView(rebuilt, None if published is None else agreement(rebuilt.quotes, published))


def _rows(
    records: Records, kind: str, dataset: str, symbol: str, at: datetime | None
) -> pl.DataFrame:
    if kind not in records.kinds(dataset):
        return pl.DataFrame(schema={"update_id": pl.Int64})
    rows = records.scan(kind, dataset, end=at).filter(pl.col("symbol") == symbol)
    return rows.collect()
