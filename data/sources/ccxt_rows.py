"""Rows as ccxt unifies them, read into records (polars)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import polars as pl

from ...core.clock import from_text
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch, Step
from .batches import after, batch_of

_CONTRACTS = {"swap": "perpetual"}
Row = Mapping[str, object]
OHLCV = ("ts", "open", "high", "low", "close", "volume")
# As the archive's open interest: taken as known so long after its instant.
OPEN_INTEREST_LAG_SECONDS = 300
# Trades of these exchanges are aggregated; the archive's have the same ids, with the same letter.
_AGGREGATED = frozenset({"binanceusdm"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was asked when, what the exchange sent, and the rows that were read from it."""

    asked_at: datetime
    contract_size: float
    size: int
    rows: Sequence[Row]

    @classmethod
    def read(cls, fields: Mapping[str, object]) -> "Envelope":
        """Open an envelope from its JSON fields."""
        found = cast("Sequence[object]", fields["rows"])
        rows = [
            dict(zip(OHLCV, row, strict=False)) if isinstance(row, list) else cast("Row", row)
            for row in found
        ]
        return cls(
            asked_at=from_text(str(fields["asked_at"])),
            contract_size=float(cast("float", fields["contract_size"])),
            size=sum(len(text) for text in cast("Sequence[str]", fields["responses"])),
            rows=rows,
        )

    def times(self, step: Step) -> list[int]:
        """Return the rows' times in ms.

        Raises:
            ChangedSchemaError: when a row has none.
        """
        name = "ts" if step.stream == "bars" else "timestamp"
        times = [row.get(name) for row in self.rows]
        if any(not isinstance(at, int) or isinstance(at, bool) for at in times):
            raise _lacking(name)
        return cast("list[int]", times)


def read_bars(venue: str, step: Step, envelope: Envelope) -> Batch:
    """Read bars that open in the step's window; a bar is known at its end."""
    frame = _frame(envelope, step, ("open", "high", "low", "close", "volume"))
    rows = frame.with_columns(available_at=after("event_at", step.bar_seconds))
    return batch_of("bars", venue, rows, bar_seconds=step.bar_seconds)


def read_funding(venue: str, step: Step, envelope: Envelope) -> Batch:
    """Read settlements, their times cut to the minute."""
    frame = _frame(envelope, step, ("fundingRate",))
    rows = frame.with_columns(
        available_at=pl.col("event_at"),
        event_at=pl.col("event_at").dt.truncate("1m"),
        rate=pl.col("fundingRate"),
    )
    return batch_of("funding", venue, rows)


def read_open_interest(venue: str, step: Step, envelope: Envelope) -> Batch:
    """Read open interest in coins and in quote currency; an exchange may give one alone."""
    frame = _frame(envelope, step, (), optional=("openInterestAmount", "openInterestValue"))
    if frame.filter(
        pl.col("openInterestAmount").is_null() & pl.col("openInterestValue").is_null()
    ).height:
        raise _lacking("openInterestAmount")
    rows = frame.with_columns(
        available_at=after("event_at", OPEN_INTEREST_LAG_SECONDS),
        base=pl.col("openInterestAmount") * envelope.contract_size,
        quote=pl.col("openInterestValue"),
    )
    return batch_of("open_interest", venue, rows)


def read_trades(venue: str, step: Step, envelope: Envelope) -> Batch:
    """Read trades, their quantities in coins."""
    frame = _frame(envelope, step, ("price", "amount"), words=("id", "side"))
    rows = frame.with_columns(
        available_at=pl.col("event_at"),
        trade_id=pl.format("a{}", "id") if venue in _AGGREGATED else pl.col("id"),
        quantity=pl.col("amount") * envelope.contract_size,
    )
    return batch_of("trades", venue, rows)


def read_instruments(venue: str, step: Step, envelope: Envelope) -> Batch:
    """Read the contracts as they are today: one row a day that they were asked for."""
    rows = [_instrument(row) for row in envelope.rows]
    if any(not row["symbol"] or not row["base"] or not row["quote"] for row in rows):
        raise _lacking("id")
    schema = {
        **dict.fromkeys(
            ("symbol", "base", "quote", "settle", "contract_type", "status"), pl.String
        ),
        **dict.fromkeys(("multiplier", "tick_size", "lot_size", "min_notional"), pl.Float64),
        **dict.fromkeys(("listed_at", "expiry_at"), pl.Int64),
    }
    instants = [
        pl.from_epoch(name, "ms").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias(name)
        for name in ("listed_at", "expiry_at")
    ]
    frame = pl.DataFrame(rows, schema=schema).with_columns(
        *instants,
        event_at=pl.lit(step.start).cast(pl.Datetime("us", "UTC")),
        available_at=pl.lit(envelope.asked_at).cast(pl.Datetime("us", "UTC")),
    )
    return batch_of("instruments", venue, frame)


def _instrument(row: Row) -> dict[str, object]:
    return {
        "symbol": row.get("id"),
        "base": row.get("base"),
        "quote": row.get("quote"),
        "settle": row.get("settle"),
        "contract_type": _CONTRACTS.get(str(row.get("type")), row.get("type")),
        "multiplier": row.get("contractSize") or 1.0,
        "tick_size": row.get("tick"),
        "lot_size": row.get("lot"),
        "min_notional": row.get("minNotional"),
        "listed_at": row.get("created"),
        "expiry_at": row.get("expiry"),
        "status": "trading" if row.get("active") is not False else "halted",
    }


def _frame(
    envelope: Envelope,
    step: Step,
    numbers: Sequence[str],
    *,
    words: Sequence[str] = (),
    optional: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the rows inside the step's window with their instants; all but optional cells full."""
    times = envelope.times(step)
    columns: dict[str, pl.Series] = {"event_at": pl.Series(times, dtype=pl.Int64)}
    for names, kind in ((numbers, pl.Float64), (optional, pl.Float64), (words, pl.String)):
        for name in names:
            cells = [row.get(name) for row in envelope.rows]
            is_whole = all(_is(cell, kind) or (cell is None and name in optional) for cell in cells)
            if not is_whole:
                raise _lacking(name)
            columns[name] = pl.Series(cells, dtype=kind, strict=False)
    instant = pl.from_epoch("event_at", "ms").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        pl.DataFrame(columns)
        .with_columns(event_at=instant, symbol=pl.lit(step.symbol))
        .filter(pl.col("event_at") < step.end)
    )


def _is(cell: object, kind: object) -> bool:
    if kind == pl.String:
        return isinstance(cell, str) and bool(cell)
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _lacking(name: str) -> ChangedSchemaError:
    return ChangedSchemaError(
        f"a row lacks `{name}`, or holds another kind of value there",
        help="the payload is kept; the exchange changed its answers, or ccxt is too old for them",
    )


READERS: dict[str, Callable[[str, Step, Envelope], Batch]] = {
    "bars": read_bars,
    "funding": read_funding,
    "open_interest": read_open_interest,
    "trades": read_trades,
    "instruments": read_instruments,
}
