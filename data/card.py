"""What is known about a dataset without opening its table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..core.durations import duration_text


@dataclass(frozen=True, slots=True)
class Source:
    """Where bars come from, and what whoever made them says of them."""

    origin: str
    is_synthetic: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """One dataset as one import left it; ``history`` holds the cards of its earlier snapshots.

    ``start`` and ``end`` are the opens of the first and the last bar, UTC. ``rows`` counts the
    bars that panels serve; ``faults`` counts the stored rows that they leave out, by rule.
    """

    name: str
    snapshot: str
    bar_seconds: int
    start: str
    end: str
    symbols: tuple[str, ...]
    rows: int
    fields: tuple[str, ...]
    derived: tuple[str, ...] = ()
    origin: str = ""
    is_synthetic: bool = False
    notes: tuple[str, ...] = ()
    faults: tuple[tuple[str, int], ...] = ()
    imported_at: str = ""
    table_version: int = 0
    history: tuple["DatasetCard", ...] = ()

    def at(self, snapshot: str) -> "DatasetCard | None":
        """Return the card of a snapshot, this one or an earlier one; None: never imported here."""
        if snapshot in {"", self.snapshot}:
            return self
        return next((card for card in self.history if card.snapshot == snapshot), None)

    def versions(self) -> tuple["DatasetCard", ...]:
        """Return the cards of every snapshot in the order of their tables."""
        every = (*self.history, replace(self, history=()))
        return tuple(sorted(every, key=lambda card: card.table_version))

    def data(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        return asdict(self)


def card_from(data: Mapping[str, Any]) -> DatasetCard:
    """Read what ``data()`` gave, after JSON; keys of later versions are passed over."""
    known = {field.name: data[field.name] for field in fields(DatasetCard) if field.name in data}
    for name in ("symbols", "fields", "derived", "notes"):
        known[name] = tuple(known.get(name, ()))
    known["faults"] = tuple((str(rule), int(count)) for rule, count in known.get("faults", ()))
    known["history"] = tuple(card_from(item) for item in known.get("history", ()))
    return DatasetCard(**known)


def card_line(card: DatasetCard) -> str:
    """Say in one line what a dataset is."""
    kind = "SYNTHETIC " if card.is_synthetic else ""
    return (
        f"{card.name}: {kind}{len(card.symbols)} symbols, {card.rows} bars of "
        f"{duration_text(card.bar_seconds)}, {card.start[:16]} to {card.end[:16]}, {card.snapshot}"
    )
