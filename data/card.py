"""What is known about a dataset without opening its table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ..core.durations import duration_text
from ..core.instruments import AssetClass, Calendar, InstrumentInfo
from ..core.symbols import info_of
from .fields import derivable


@dataclass(frozen=True, slots=True)
class Source:
    """Where bars come from, and what whoever made them says of them."""

    origin: str
    is_synthetic: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """Fields to load of one dataset, and what texts call it; the traded one has no alias."""

    dataset: str
    fields: tuple[str, ...]
    snapshot: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """One dataset as one import left it; ``history`` holds the cards of its earlier snapshots.

    ``start`` and ``end`` are the opens of the first and the last bar, UTC. ``rows`` counts the
    bars that panels serve; ``faults`` counts the stored rows that they leave out, by rule.
    ``labels`` are the names of groups that are stored as codes. ``instruments`` are described
    where whoever imported them said more than their symbols do, all or none. ``records`` are the
    kinds and versions of the tables of records that the bars were laid from.
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
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    instruments: tuple[InstrumentInfo, ...] = ()
    records: tuple[tuple[str, int], ...] = ()
    history: tuple["DatasetCard", ...] = ()

    def infos(self) -> tuple[InstrumentInfo, ...]:
        """Return what each instrument is, in the order of the symbols."""
        return self.instruments or tuple(info_of(symbol) for symbol in self.symbols)

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
    for name in ("symbols", "fields", "notes"):
        known[name] = tuple(known.get(name, ()))
    # What can be derived is said by this version's rules, whatever the one that imported knew.
    known["derived"] = derivable(known["fields"])
    known["labels"] = tuple((name, tuple(names)) for name, names in known.get("labels", ()))
    known["instruments"] = tuple(_info_from(item) for item in known.get("instruments", ()))
    known["faults"] = tuple((str(rule), int(count)) for rule, count in known.get("faults", ()))
    known["records"] = tuple((str(kind), int(at)) for kind, at in known.get("records", ()))
    known["history"] = tuple(card_from(item) for item in known.get("history", ()))
    return DatasetCard(**known)


def _info_from(data: Mapping[str, Any]) -> InstrumentInfo:
    kind, calendar = AssetClass(data["asset_class"]), Calendar(data["calendar"])
    return InstrumentInfo(**{**data, "asset_class": kind, "calendar": calendar})


def card_line(card: DatasetCard) -> str:
    """Say in one line what a dataset is."""
    kind = "SYNTHETIC " if card.is_synthetic else ""
    return (
        f"{card.name}: {kind}{len(card.symbols)} symbols, {card.rows} bars of "
        f"{duration_text(card.bar_seconds)}, {card.start[:16]} to {card.end[:16]}, {card.snapshot}"
    )
