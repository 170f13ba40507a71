"""What is stored of a dataset, listed and not read: cards, versions and files of tables."""

from datetime import UTC
from pathlib import Path

from ...core.clock import from_text, to_text
from ...core.errors import InvalidInputError, NotFoundError
from .. import tables
from ..card import DatasetCard
from ..fields import derivable
from ..lake import Lake
from ..records.delta import opened
from ..records.grid import KINDS_LAID, single
from .plan import SNAPSHOT, DataFile, Stored, TableFiles
from .planner import fields_of
from .request import PanelRequest


def stored_of(lake: Lake, request: PanelRequest) -> Stored:
    """Return the snapshot a request is over, or the records.

    Raises:
        NotFoundError: when there is no such dataset or snapshot.
        InvalidInputError: when the request is of an instant, and the dataset has no records.
    """
    has_records = "bars" in lake.records.kinds(request.dataset)
    has_card = any(card.name == request.dataset for card in lake.cards())
    if request.as_of is not None and not has_records and has_card:
        raise InvalidInputError(
            f"`{request.dataset}` came from a file, which does not say when its rows were known",
            help="ask for a snapshot of it, or ingest records",
        )
    if request.as_of is not None or (has_records and not has_card):
        return _records(lake, request)
    return _snapshot(lake, lake.card(request.dataset, snapshot=request.snapshot))


def _snapshot(lake: Lake, card: DatasetCard) -> Stored:
    paths = tables.files(lake.root / "tables" / card.name, card.table_version, card.snapshot)
    files = tuple(
        DataFile(path, tables.month_of(path), Path(path).stat().st_size) for path in paths
    )
    first, last = (int(from_text(text).timestamp()) for text in (card.start, card.end))
    return Stored(card, (TableFiles(SNAPSHOT, card.table_version, files),), first, last)


def _records(lake: Lake, request: PanelRequest) -> Stored:
    name = request.dataset
    found = [_table(lake, name, kind) for kind in KINDS_LAID if kind in lake.records.kinds(name)]
    if not found or found[0].kind != "bars":
        raise NotFoundError(f"the dataset `{name}` has no records of bars")
    files = [file.record for file in found[0].files if file.record is not None]
    venue = single("venue", request.venue, tuple(sorted({file.venue for file in files})))
    files = [file for file in files if file.venue == venue]
    bars = sorted({file.bar_seconds for file in files})
    # The longest bars of which those that are asked for can be made: the least is read.
    fitting = [bar for bar in bars if request.bar_seconds and request.bar_seconds % bar == 0]
    bar = int(single("bar", str(fitting[-1]) if fitting else "", tuple(map(str, bars))))
    files = [file for file in files if file.bar_seconds == bar]
    first = min(file.first for file in files).astimezone(UTC)
    last = max(file.last for file in files).astimezone(UTC)
    fields = tuple(sorted(field for table in found for field in fields_of(table.kind)))
    card = DatasetCard(
        name=name,
        snapshot="",
        bar_seconds=bar,
        start=to_text(first),
        end=to_text(last),
        symbols=(),
        rows=0,
        fields=fields,
        derived=derivable(fields),
        origin=f"records of {venue}",
        records=tuple((table.kind, table.version) for table in found),
    )
    edges = (int(first.timestamp()), int(last.timestamp()))
    return Stored(card, tuple(found), *edges, is_records=True, venue=venue)


def _table(lake: Lake, dataset: str, kind: str) -> TableFiles:
    table = opened(lake.records.place(dataset, kind))
    files = tuple(DataFile(file.path, file.month, file.bytes, file) for file in table.files())
    return TableFiles(kind, table.version, files)
