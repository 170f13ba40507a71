"""Holes in stored bars: where a symbol has bars before and after, and none between (polars)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from .source import Wanted

if TYPE_CHECKING:
    from ..records import Records


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars of a symbol that are not there: those that open in ``[start, end)``."""

    symbol: str
    start: datetime
    end: datetime
    bars: int


def gaps_of(records: "Records", wanted: Wanted, venue: str) -> list[Gap]:
    """Return the holes in what is stored of a span, by symbol and time."""
    if "bars" not in records.kinds(wanted.dataset):
        return []
    step = timedelta(seconds=wanted.bar_seconds)
    rows = (
        records.scan(
            "bars",
            wanted.dataset,
            venue=venue,
            bar_seconds=wanted.bar_seconds,
            columns=["symbol", "event_at"],
            start=wanted.start,
            end=wanted.end,
        )
        .filter(pl.col("symbol").is_in(list(wanted.symbols)))
        .sort("symbol", "event_at")
        .with_columns(before=pl.col("event_at").shift(1).over("symbol"))
        .filter(pl.col("event_at") - pl.col("before") > step)
        .collect()
    )
    return [
        Gap(symbol, before + step, at, (at - before) // step - 1)
        for symbol, before, at in rows.select("symbol", "before", "event_at").iter_rows()
    ]
