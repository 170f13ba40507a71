"""The CSV files of Binance's public archive, read into records (polars).

Layouts after the archive's own README (binance/binance-public-data): headers came in 2022 and not
for all files; spot files have epochs in us from 2025 on, all others in ms.
"""

from collections.abc import Callable

import polars as pl

from ..ingest.source import Batch
from .batches import after, batch_of, side_of_taker
from .csv_rows import Layout, flags, instants, integers, numbers, read_rows

KLINES = Layout(
    (
        *("open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume"),
        *("count", "taker_buy_volume", "taker_buy_quote_volume", "ignore"),
    ),
    aliases={"quote_asset_volume": "quote_volume", "number_of_trades": "count"},
)
FUNDING = Layout(("calc_time", "funding_interval_hours", "last_funding_rate"))
TRADES = Layout(
    ("id", "price", "qty", "quote_qty", "time", "is_buyer_maker"),
    optional=("is_best_match",),
    aliases={"trade_id": "id", "base_qty": "qty", "quoteqty": "quote_qty"},
)
AGG_TRADES = Layout(
    (
        *("agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id"),
        *("transact_time", "is_buyer_maker"),
    ),
    optional=("is_best_match",),
    aliases={"aggregate_trade_id": "agg_trade_id", "timestamp": "transact_time"},
)
BOOK_TICKER = Layout(
    (
        *("update_id", "best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty"),
        *("transaction_time", "event_time"),
    )
)
METRICS = Layout(
    ("create_time", "symbol", "sum_open_interest", "sum_open_interest_value"),
    optional=(
        *("count_toptrader_long_short_ratio", "sum_toptrader_long_short_ratio"),
        *("count_long_short_ratio", "sum_taker_long_short_vol_ratio"),
    ),
)
METRICS_SECONDS = 300

# The venue, the symbol and the bar length of a file, and its content.
Reader = Callable[[str, str, int, bytes], Batch]


def read_klines(venue: str, symbol: str, bar_seconds: int, content: bytes) -> Batch:
    """Read bars; a bar is known at its end."""
    prices = ("open", "high", "low", "close", "volume", "quote_volume")
    frame = read_rows(content, KLINES)
    frame = numbers(frame, [*prices, "taker_buy_volume", "taker_buy_quote_volume"])
    frame = instants(integers(frame, ["count"]), "open_time")
    rows = frame.with_columns(
        symbol=pl.lit(symbol),
        event_at=pl.col("open_time"),
        available_at=after("open_time", bar_seconds),
        trades=pl.col("count"),
    )
    return batch_of("bars", venue, rows, bar_seconds=bar_seconds)


def read_funding(venue: str, symbol: str, _: int, content: bytes) -> Batch:
    """Read settlements: the venue computes them milliseconds late, so times are cut to minutes."""
    frame = numbers(read_rows(content, FUNDING), ["last_funding_rate", "funding_interval_hours"])
    rows = instants(frame, "calc_time").with_columns(
        symbol=pl.lit(symbol),
        event_at=pl.col("calc_time").dt.truncate("1m"),
        available_at=pl.col("calc_time"),
        rate=pl.col("last_funding_rate"),
        interval_hours=pl.col("funding_interval_hours"),
    )
    return batch_of("funding", venue, rows)


def read_trades(venue: str, symbol: str, _: int, content: bytes) -> Batch:
    """Read single trades."""
    frame = flags(numbers(read_rows(content, TRADES), ["price", "qty"]), "is_buyer_maker")
    rows = instants(frame, "time").with_columns(
        symbol=pl.lit(symbol),
        event_at=pl.col("time"),
        available_at=pl.col("time"),
        trade_id=pl.col("id"),
        quantity=pl.col("qty"),
        side=side_of_taker("is_buyer_maker"),
    )
    return batch_of("trades", venue, rows)


def read_agg_trades(venue: str, symbol: str, _: int, content: bytes) -> Batch:
    """Read trades of one order at one price as one; their ids are kept apart by an ``a``."""
    frame = flags(numbers(read_rows(content, AGG_TRADES), ["price", "quantity"]), "is_buyer_maker")
    rows = instants(frame, "transact_time").with_columns(
        symbol=pl.lit(symbol),
        event_at=pl.col("transact_time"),
        available_at=pl.col("transact_time"),
        trade_id=pl.format("a{}", "agg_trade_id"),
        side=side_of_taker("is_buyer_maker"),
    )
    return batch_of("trades", venue, rows)


def read_book_ticker(venue: str, symbol: str, _: int, content: bytes) -> Batch:
    """Read the best bid and ask at each change."""
    prices = ("best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty")
    frame = integers(numbers(read_rows(content, BOOK_TICKER), prices), ["update_id"])
    rows = instants(instants(frame, "transaction_time"), "event_time").with_columns(
        symbol=pl.lit(symbol),
        event_at=pl.col("transaction_time"),
        available_at=pl.max_horizontal("transaction_time", "event_time"),
        bid_price=pl.col("best_bid_price"),
        bid_quantity=pl.col("best_bid_qty"),
        ask_price=pl.col("best_ask_price"),
        ask_quantity=pl.col("best_ask_qty"),
    )
    return batch_of("quotes", venue, rows)


def read_metrics(venue: str, symbol: str, _: int, content: bytes) -> Batch:
    """Read open interest each five minutes, taken as known one such period later."""
    frame = numbers(
        read_rows(content, METRICS), ["sum_open_interest", "sum_open_interest_value"]
    ).with_columns(event_at=_moment("create_time"))
    rows = frame.with_columns(
        symbol=pl.lit(symbol),
        available_at=after("event_at", METRICS_SECONDS),
        base=pl.col("sum_open_interest"),
        quote=pl.col("sum_open_interest_value"),
    )
    return batch_of("open_interest", venue, rows)


def _moment(column: str) -> pl.Expr:
    return (
        pl.col(column)
        .str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us")
        .dt.replace_time_zone("UTC")
    )


READERS: dict[str, Reader] = {
    "klines": read_klines,
    "fundingRate": read_funding,
    "trades": read_trades,
    "aggTrades": read_agg_trades,
    "bookTicker": read_book_ticker,
    "metrics": read_metrics,
}
