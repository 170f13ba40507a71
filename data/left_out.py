"""What the rows behind one panel lack: whoever gets a number from it is told (polars).

The card of a dataset says it of the whole at import; these notes are of the bars that were read,
and travel with the panel into every answer that is computed from it.
"""

import polars as pl

from ..core.instruments import Calendar
from .card import DatasetCard
from .dense import Grid
from .fields import COLUMNS, FAULT, PRICES, Domain
from .normal import FUNDING_SECONDS_MAX, domain_note, few, funding_notes

# Of these an empty cell is a hole; others may be empty wherever nothing happened.
_ALWAYS_THERE = {
    name
    for name, known in COLUMNS.items()
    if known.domain in {Domain.POSITIVE, Domain.NOT_NEGATIVE} and name != "mark_open_8h"
}


def row_notes(left_out: pl.DataFrame) -> list[str]:
    """Count the stored rows that the panel leaves out, by the rule they break."""
    counts = left_out.group_by(FAULT).len().sort(FAULT)
    told = ", ".join(f"{count} {rule}" for rule, count in counts.iter_rows())
    return [f"rows left out: {told}"] if told else []


def served_notes(served: pl.DataFrame, card: DatasetCard, grid: Grid) -> list[str]:
    """State the holes among the rows that the panel shows: ``ts``, ``symbol`` and fields."""
    lives = (
        served.group_by("symbol")
        .agg(pl.len().alias("bars"), pl.col("ts").min().alias("first"), pl.col("ts").max())
        .with_columns(((pl.col("ts") - pl.col("first")) // grid.bar_seconds + 1).alias("life"))
        .sort("symbol")
    )
    notes = [*_absent_notes(lives, card), *_gap_notes(lives, card)]
    for name in sorted(set(served.columns) - {"ts", "symbol"}):
        notes += [note for note in (domain_note(served, name), _empty_note(served, name)) if note]
    if "funding_rate" in served.columns:
        long = lives.filter(pl.col("life") * grid.bar_seconds > FUNDING_SECONDS_MAX)
        notes += funding_notes(served.join(long.select("symbol"), on="symbol", how="semi"))
    return notes


def _absent_notes(lives: pl.DataFrame, card: DatasetCard) -> list[str]:
    absent = sorted(set(card.symbols) - set(lives.get_column("symbol")))
    single = lives.filter(pl.col("bars") == 1).get_column("symbol").to_list()
    notes = [f"symbols without a bar in the window: {few(absent)}"] if absent else []
    return [*notes, f"symbols with a single bar: {few(single)}"] if single else notes


def _gap_notes(lives: pl.DataFrame, card: DatasetCard) -> list[str]:
    # Nights and weekends of an exchange are no holes.
    always = [info.symbol for info in card.infos() if info.calendar is Calendar.ALWAYS]
    holed = lives.filter((pl.col("life") > pl.col("bars")) & pl.col("symbol").is_in(always))
    if not holed.height:
        return []
    count = int((holed.get_column("life") - holed.get_column("bars")).sum())
    return [f"{count} bars are missing amid the others: {few(holed['symbol'].to_list())}"]


def _empty_note(served: pl.DataFrame, name: str) -> str:
    # A row without one of its prices is left out whole.
    if name not in _ALWAYS_THERE or name in PRICES:
        return ""
    count = int((served[name].is_null() | served[name].is_nan()).sum())
    return f"{count} cells of `{name}` are empty and count as missing" if count else ""
