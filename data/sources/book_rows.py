"""Levels of a book as recorders keep them, read into snapshots and changes (polars)."""

import polars as pl

from ..ingest.source import Batch
from .batches import batch_of

# Within one message, the last word on a price stands.
_KEY = ["symbol", "update_id", "side", "price"]


def book_batches(venue: str, rows: pl.DataFrame) -> list[Batch]:
    """Split levels by ``is_snapshot``; messages are chained in the order they came in.

    ``rows`` have symbol, event_at, available_at, received_ns, update_id, side, price, quantity.
    """
    last = rows.unique([*_KEY, "is_snapshot"], keep="last", maintain_order=True)
    ids = last.select("symbol", "update_id").unique(maintain_order=True)
    chain = ids.with_columns(prev_update_id=pl.col("update_id").shift(1).over("symbol"))
    changes = last.filter(~pl.col("is_snapshot")).join(chain, on=["symbol", "update_id"])
    deltas = changes.with_columns(first_update_id=pl.col("update_id"))
    # The best price of a side is level 0: the highest bid, the lowest ask.
    outward = pl.when(pl.col("side") == "buy").then(-pl.col("price")).otherwise(pl.col("price"))
    whole = last.filter(pl.col("is_snapshot") & (pl.col("quantity") > 0)).with_columns(
        level=outward.rank("ordinal").over("symbol", "update_id", "side").cast(pl.Int64) - 1
    )
    return [batch_of("book_snapshots", venue, whole), batch_of("book_deltas", venue, deltas)]
