"""Arrays of hftbacktest, read into records (numpy, polars).

Layout after its documentation of data: one structured array ``data`` with ``ev exch_ts local_ts px
qty order_id ival fval``; instants in ns; the low byte of ``ev`` is the kind of event, its high bits
say the side and for whom the row is. Rows for the local side are read: each event has one.
"""

import io

import numpy as np
import polars as pl

from ...core.errors import InvalidInputError
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch
from .batches import batch_of
from .book_rows import book_batches
from .unzip import only_member

FIELDS = ("ev", "exch_ts", "local_ts", "px", "qty")
DEPTH, TRADE, SNAPSHOT = 1, 2, 4
BUY, SELL, LOCAL = 1 << 29, 1 << 28, 1 << 30
_KIND_BITS = 0xFF


def read_hftbacktest(venue: str, symbol: str, payload: bytes) -> list[Batch]:
    """Read trades, snapshots and changes of a book; the file does not say of what.

    Raises:
        InvalidInputError: when venue or symbol are not said, or the array cannot be read.
        ChangedSchemaError: when the array has other fields.
    """
    if not venue or not symbol:
        raise InvalidInputError(
            "an hftbacktest file does not say of what it is",
            help="add `--venue binanceusdm --symbols BTCUSDT`, one symbol for all files",
        )
    frame = _frame(payload).with_columns(symbol=pl.lit(symbol))
    kind = pl.col("ev") & _KIND_BITS
    trades = frame.filter(kind == TRADE).with_columns(
        trade_id=pl.format("h{}-{}", "exch_ts", pl.int_range(pl.len()).over("exch_ts"))
    )
    book = frame.filter(kind.is_in([DEPTH, SNAPSHOT])).with_columns(is_snapshot=kind == SNAPSHOT)
    return [batch_of("trades", venue, trades), *book_batches(venue, book)]


def _frame(payload: bytes) -> pl.DataFrame:
    _, content = only_member(payload)
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InvalidInputError(
            "the array cannot be read to its end, or holds objects", help="write it again"
        ) from error
    missing = [name for name in FIELDS if name not in (array.dtype.names or ())]
    if missing:
        raise ChangedSchemaError(
            f"the array has no field `{missing[0]}`",
            help="convert the file to the layout of hftbacktest 2",
        )
    events = array[(array["ev"] & LOCAL) != 0]
    if bool((((events["ev"] & BUY) != 0) == ((events["ev"] & SELL) != 0)).any()):
        raise InvalidInputError("an event has no side, or both", help="write the file again")
    instant = pl.Datetime("us", "UTC")
    frame = pl.DataFrame({name: np.ascontiguousarray(events[name]) for name in FIELDS})
    late = pl.max_horizontal("exch_ts", "local_ts")
    return frame.with_columns(
        pl.col("ev").cast(pl.Int64),
        event_at=(pl.col("exch_ts") // 1000).cast(instant),
        # Rounded up: nothing is known before it came in.
        available_at=(-(-late // 1000)).cast(instant),
        received_ns=pl.col("local_ts"),
        update_id=pl.col("local_ts"),
        price=pl.col("px"),
        quantity=pl.col("qty"),
        side=pl.when((pl.col("ev") & BUY) != 0).then(pl.lit("buy")).otherwise(pl.lit("sell")),
    )
