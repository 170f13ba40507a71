"""Whether stored rows are still what their snapshot's name was made of (polars)."""

from datetime import UTC, datetime

from ..core.clock import to_text
from . import tables
from .card import DatasetCard
from .dense import Grid, grid_of, snapshot_of
from .fields import FAULT
from .normal import Bars, sorted_rows


def is_unchanged(paths: list[str], card: DatasetCard) -> bool:
    """Tell whether the rows give the card's snapshot, and the card says of them what is so."""
    frame = tables.rows(paths, ["ts", "symbol", *card.fields, FAULT]).collect()
    bars = Bars(sorted_rows(frame), card.bar_seconds, (), card.faults, card.labels)
    served = bars.served()
    if served.height == 0:
        return False
    grid = grid_of(served, card.bar_seconds)
    return _is_card_of(card, bars, grid) and _snapshot(card, bars, grid) == card.snapshot


def _snapshot(card: DatasetCard, bars: Bars, grid: Grid) -> str:
    return snapshot_of(bars, grid, card.instruments)


def _is_card_of(card: DatasetCard, bars: Bars, grid: Grid) -> bool:
    # Panels are laid out by the card: with another start or order, true rows tell another story.
    first, last = (to_text(datetime.fromtimestamp(at, UTC)) for at in (grid.start, grid.last))
    return (card.start, card.end, card.symbols, card.fields) == (
        first,
        last,
        grid.symbols,
        bars.fields,
    )
