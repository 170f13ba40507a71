"""What records of instruments say the symbols of a dataset are (polars)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from ...core.instruments import AssetClass, InstrumentInfo
from ...core.symbols import info_of
from .records import Records

_CLASSES = {
    "spot": AssetClass.SPOT,
    "perpetual": AssetClass.PERPETUAL,
    "future": AssetClass.FUTURE,
    "option": AssetClass.OPTION,
}


def listed(
    records: Records, dataset: str, venue: str, as_of: datetime | None, symbols: tuple[str, ...]
) -> tuple[InstrumentInfo, ...]:
    """Return each symbol by the last row that lists it, else by what it is called."""
    rows: dict[str, dict[str, Any]] = {}
    if "instruments" in records.kinds(dataset):
        frame = (
            records.scan("instruments", dataset, venue=venue, as_of=as_of)
            .filter(pl.col("symbol").is_in(list(symbols)))
            .sort("symbol", "event_at")
            .collect()
        )
        rows = {row["symbol"]: row for row in frame.iter_rows(named=True)}
    return tuple(_info(symbol, venue, rows.get(symbol)) for symbol in symbols)


def _info(symbol: str, venue: str, row: dict[str, Any] | None) -> InstrumentInfo:
    info = info_of(symbol, venue)
    if row is None:
        return info
    return replace(
        info,
        base=row["base"],
        quote=row["quote"],
        settle=row["settle"],
        asset_class=_CLASSES[row["contract_type"]],
        # The symbol knows of 1000PEPE; a venue's multiplier may speak of contract units.
        multiplier=max(info.multiplier, int(row["multiplier"])),
    )
