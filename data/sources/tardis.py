"""CSV files of Tardis.dev, read into records (polars).

Layouts after its documentation of downloadable CSV files: ``timestamp`` is the venue's instant,
``local_timestamp`` the recorder's, both in us since 1970. Rows of one message share the latter; it
stands for the id of an update, which the files lack.
"""

import io
from collections.abc import Callable, Sequence

import polars as pl

from ...core.errors import InvalidInputError
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch
from .batches import batch_of
from .book_rows import book_batches
from .csv_rows import integers, numbers

LEAD = ("exchange", "symbol", "timestamp", "local_timestamp")
# Tardis' names of exchanges, and ours where they differ in more than a dash.
VENUES = {"binance-futures": "binanceusdm", "okex-swap": "okx", "okex": "okx"}
_SIDES = {"bid": "buy", "ask": "sell", "buy": "buy", "sell": "sell"}


def is_tardis(content: bytes) -> bool:
    """Tell whether a text begins with the header of these files."""
    return content.startswith(",".join(LEAD).encode())


def read_tardis(content: bytes) -> list[Batch]:
    """Read a file of trades, book changes, quotes or derivative tickers, known by its columns.

    Raises:
        ChangedSchemaError: when its columns are none of these.
        InvalidInputError: when a cell is no number, or the file is of several exchanges.
    """
    try:
        frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            "the file is cut off, or no CSV", help="download it again"
        ) from error
    for columns, reader in _READERS.items():
        if set(columns) <= set(frame.columns):
            venues = frame.get_column("exchange").unique().to_list()
            if len(venues) != 1:
                raise InvalidInputError(
                    f"the file holds rows of {len(venues)} exchanges", help="split it by exchange"
                )
            venue = VENUES.get(str(venues[0]), str(venues[0]).replace("-", "_"))
            return reader(venue, _timed(frame))
    raise ChangedSchemaError(
        "the columns are those of no file of Tardis that is read",
        help="read are trades, incremental_book_L2, quotes and derivative_ticker",
    )


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    stamps = integers(frame, ["timestamp", "local_timestamp"])
    instant = pl.Datetime("us", "UTC")
    return stamps.with_columns(
        event_at=pl.col("timestamp").cast(instant),
        available_at=pl.max_horizontal("timestamp", "local_timestamp").cast(instant),
        received_ns=pl.col("local_timestamp") * 1000,
        update_id=pl.col("local_timestamp"),
    )


def _trades(venue: str, frame: pl.DataFrame) -> list[Batch]:
    place = pl.int_range(pl.len()).over("symbol", "timestamp")
    rows = _sided(numbers(frame, ["price", "amount"])).with_columns(
        # Some venues give trades no id: their place within their instant is one.
        trade_id=pl.coalesce("id", pl.format("t{}-{}", "timestamp", place)),
        quantity=pl.col("amount"),
    )
    return [batch_of("trades", venue, rows)]


def _book(venue: str, frame: pl.DataFrame) -> list[Batch]:
    rows = _sided(numbers(frame, ["price", "amount"])).with_columns(
        quantity=pl.col("amount"), is_snapshot=pl.col("is_snapshot").str.to_lowercase() == "true"
    )
    return book_batches(venue, rows)


def _quotes(venue: str, frame: pl.DataFrame) -> list[Batch]:
    names = ("bid_price", "bid_amount", "ask_price", "ask_amount")
    rows = _optional(frame, names).with_columns(
        bid_quantity=pl.col("bid_amount"), ask_quantity=pl.col("ask_amount")
    )
    last = rows.unique(["symbol", "update_id"], keep="last", maintain_order=True)
    return [batch_of("quotes", venue, last)]


def _tickers(venue: str, frame: pl.DataFrame) -> list[Batch]:
    """Read mark, index and open interest; the rate of a ticker is a forecast, no settlement."""
    rows = _optional(frame, ("mark_price", "index_price", "open_interest")).with_columns(
        mark=pl.col("mark_price"), index=pl.col("index_price"), base=pl.col("open_interest")
    )
    last = rows.unique(["symbol", "event_at"], keep="last", maintain_order=True)
    marks = last.filter(pl.col("mark").is_not_null() | pl.col("index").is_not_null())
    interest = last.filter(pl.col("base").is_not_null())
    return [batch_of("marks", venue, marks), batch_of("open_interest", venue, interest)]


def _sided(frame: pl.DataFrame) -> pl.DataFrame:
    side = frame.get_column("side").replace_strict(_SIDES, default=None, return_dtype=pl.String)
    if side.null_count():
        raise InvalidInputError(
            f"{side.null_count()} rows have a side that is neither bid, ask, buy nor sell",
            help="leave them out of the file: who traded is not known",
        )
    return frame.with_columns(side.alias("side"))


def _optional(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    cast = frame.with_columns(pl.col(list(names)).cast(pl.Float64, strict=False))
    for name in names:
        if cast.get_column(name).null_count() != frame.get_column(name).null_count():
            raise ChangedSchemaError(
                f"column `{name}` holds a cell that is not a number", help="download it again"
            )
    return cast


_READERS: dict[tuple[str, ...], Callable[[str, pl.DataFrame], list[Batch]]] = {
    (*LEAD, "is_snapshot", "side", "price", "amount"): _book,
    (*LEAD, "id", "side", "price", "amount"): _trades,
    (*LEAD, "bid_price", "bid_amount", "ask_price", "ask_amount"): _quotes,
    (*LEAD, "mark_price", "index_price", "open_interest"): _tickers,
}
