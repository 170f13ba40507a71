"""What is wrong or odd in records of trades, books and quotes: clocks, chains, crossed books.

The lag of a row is the recorder's clock at its arrival less the venue's event time. A message
takes time to arrive, so a lag below 0 on the whole means that the recorder's clock runs behind.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from ...core.clock import to_text
from ...core.diagnostics import Severity
from ..finding import Finding

if TYPE_CHECKING:
    from ..records import Records

# Later than this is no journey through a network.
_LAG_MAX_MS = 5_000
_REPLAY_MS = 1_000
_NS_IN_US, _US_IN_MS = 1_000, 1_000
_RECEIVED = ("trades", "quotes", "book_deltas", "book_snapshots")

RECORD_RULES = (
    ("clock_offset", Severity.WARNING),
    ("replayed", Severity.NOTE),
    ("trade_gap", Severity.WARNING),
    ("chain_break", Severity.WARNING),
    ("crossed_quote", Severity.WARNING),
)


def record_findings(records: "Records", name: str) -> list[Finding]:
    """Return what is wrong or odd in the records of a dataset as they are known now."""
    there = records.kinds(name)
    found: list[Finding] = []
    for kind in _RECEIVED:
        if kind in there:
            received = ("symbol", "event_at", "received_ns")
            found += _lag_findings(kind, records.scan(kind, name, columns=received).collect())
    for kind, columns, judged in _ROWS:
        if kind in there:
            wanted = ("symbol", "event_at", *columns)
            found += judged(records.scan(kind, name, columns=wanted).collect())
    return found


def _lag_findings(kind: str, rows: pl.DataFrame) -> Iterator[Finding]:
    us = pl.col("received_ns") // _NS_IN_US - pl.col("event_at").dt.epoch("us")
    lags = rows.drop_nulls("received_ns").with_columns((us / _US_IN_MS).alias("lag"))
    middle = pl.col("lag").median().over("symbol")
    is_first = pl.col("received_ns") == pl.col("received_ns").min().over("symbol")
    old = lags.filter(is_first & (pl.col("lag") > middle + _REPLAY_MS))
    for symbol, count, first in _places(old):
        yield Finding(
            "replayed",
            Severity.NOTE,
            f"{count} {kind} of the first message happened a second or more before it",
            symbol,
            count,
            to_text(first),
        )
    for symbol, count, first, lag in _places(lags, pl.col("lag").median()):
        if 0 <= lag <= _LAG_MAX_MS:
            continue
        side = "behind" if lag < 0 else "ahead of"
        yield Finding(
            "clock_offset",
            Severity.WARNING,
            f"{count} {kind}: the recorder's clock is {side} the venue's by {abs(lag):.0f} ms in "
            "the middle; take that out before any latency",
            symbol,
            count,
            to_text(first),
        )


def _trade_findings(rows: pl.DataFrame) -> Iterator[Finding]:
    ids = pl.col("trade_id").cast(pl.Int64, strict=False)
    numbered = rows.with_columns(ids.alias("id")).drop_nulls("id")
    steps = numbered.sort("symbol", "id").with_columns(
        (pl.col("id").diff().over("symbol") - 1).alias("missing")
    )
    # Ids are counted by the symbol on some venues and over all symbols on others: a venue that
    # counts over all leaves out most numbers, and no gap can be told.
    counted = steps.filter((pl.col("missing") == 0).mean().over("symbol") > 1 / 2)
    for symbol, _, first, missing in _places(
        counted.filter(pl.col("missing") > 0), pl.col("missing").sum()
    ):
        yield Finding(
            "trade_gap",
            Severity.WARNING,
            f"{int(missing)} trades are missing by their ids",
            symbol,
            int(missing),
            to_text(first),
        )


def _chain_findings(rows: pl.DataFrame) -> Iterator[Finding]:
    messages = rows.unique(["symbol", "update_id"]).sort("symbol", "update_id")
    before = pl.col("update_id").shift().over("symbol")
    broken = messages.filter(
        pl.col("prev_update_id").is_not_null() & (before != pl.col("prev_update_id"))
    )
    for symbol, count, first in _places(broken):
        yield Finding(
            "chain_break",
            Severity.WARNING,
            f"{count} messages of the book do not follow the one before",
            symbol,
            count,
            to_text(first),
        )


def _quote_findings(rows: pl.DataFrame) -> Iterator[Finding]:
    for symbol, count, first in _places(rows.filter(pl.col("bid_price") >= pl.col("ask_price"))):
        yield Finding(
            "crossed_quote",
            Severity.WARNING,
            f"{count} best bids are not below the best ask",
            symbol,
            count,
            to_text(first),
        )


def _places(rows: pl.DataFrame, *more: pl.Expr) -> list[tuple[Any, ...]]:
    """Return symbol, count and first event of each symbol, and what more is asked."""
    grouped = rows.group_by("symbol").agg(pl.len(), pl.col("event_at").min(), *more)
    return grouped.sort("symbol").rows()


_ROWS = (
    ("trades", ("trade_id",), _trade_findings),
    ("book_deltas", ("update_id", "prev_update_id"), _chain_findings),
    ("quotes", ("bid_price", "ask_price"), _quote_findings),
)
