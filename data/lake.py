"""The lake: named datasets in, cards and dense panels out; heavy libraries open only when used."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.clock import Clock, to_text
from ..core.diagnostics import echo
from ..core.errors import BrokenError, NotFoundError, TamperedError
from ..core.instruments import InstrumentInfo
from ..core.panel import Panel
from ..core.progress import Report, silent
from .card import DatasetCard, Feed, Source
from .cards import Cards
from .fields import derivable
from .finding import FieldSummary, Finding
from .locks import only_writer
from .names import require_name
from .told import NOTHING, Told, instruments_of

if TYPE_CHECKING:
    import pyarrow as pa

    from .ingest import Stores
    from .normal import Bars
    from .quality.deviation import Deviation
    from .quality.scorecard import Scorecard
    from .records import Kept, Records

STEPS = 4
# What the instruments of some symbols are; nothing: what their symbols say.
Describe = Callable[[tuple[str, ...]], tuple[InstrumentInfo, ...]]


class Lake:
    """Datasets under one folder: Delta tables, a JSON card beside each, one lock a dataset.

    A card names a version of its table. The table is committed first and the card replaced after,
    so a crash in between leaves the old card, which still names the old version.
    """

    def __init__(self, root: Path, clock: Clock) -> None:
        """Keep the root, which the first import makes, and the clock that dates imports."""
        self.root = root
        self._clock = clock
        self._cards = Cards(root / "cards")

    @property
    def records(self) -> "Records":
        """Return the door to the records of every kind of this lake."""
        from .records import Records

        return Records(self.root, self._clock)

    def import_file(
        self, path: Path, name: str, *, told: Told = NOTHING, report: Report = silent
    ) -> DatasetCard:
        """Take in a Parquet or CSV file of bars; the same content again changes nothing.

        ``told`` says of the instruments what their symbols do not.

        Raises:
            InvalidInputError: when the file cannot be trusted to mean what it seems to say.
        """
        require_name(name)
        from .normal import normal
        from .reading import read_file

        report(0, STEPS, f"read {echo(path.name)}")
        raw = read_file(path)
        groups = read_file(told.groups) if told.groups is not None else None
        report(1, STEPS, "check rows")
        bars, source = normal(raw, groups), Source(path.name)
        return self._store(bars, name, source, partial(instruments_of, told=told), report)

    def import_table(
        self,
        table: "pa.Table",
        name: str,
        source: Source,
        *,
        told: Told = NOTHING,
        report: Report = silent,
    ) -> DatasetCard:
        """Take in an Arrow table of bars, as ``import_file`` does a file."""
        require_name(name)
        import polars as pl

        from .normal import normal

        report(1, STEPS, "check rows")
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        return self._store(normal(frame), name, source, partial(instruments_of, told=told), report)

    def refresh(
        self,
        name: str,
        *,
        venue: str = "",
        bar_seconds: int = 0,
        as_of: datetime | None = None,
        report: Report = silent,
    ) -> DatasetCard:
        """Make the bars, funding, marks and open interest of records a dataset's next snapshot.

        Records that say the same give the snapshot there is. With ``as_of``: what was known then.

        Raises:
            NotFoundError: when the dataset has no records of bars.
            InvalidInputError: when it has bars of several venues or lengths and none was named.
        """
        require_name(name)
        from .normal import normal
        from .records.grid import laid
        from .records.listed import listed

        records = self.records
        report(0, STEPS, "read records")
        found = laid(records, name, venue=venue, bar_seconds=bar_seconds, as_of=as_of)
        report(1, STEPS, "check rows")
        bars, source = normal(found.frame), Source(f"records of {found.venue}")
        said = partial(listed, records, name, found.venue, as_of)
        return self._store(bars, name, source, said, report, records=found.versions)

    def vacuum(self, name: str, *, retention_hours: int) -> "list[Kept]":
        """Delete files of records that no snapshot of the dataset and no late version names.

        A card keeps every snapshot it ever had, so those of runs and plans are among them.
        """
        card = self._cards.find(name)
        versions = card.versions() if card is not None else ()
        keep = [pair for version in versions for pair in version.records]
        return self.records.vacuum(name, keep=keep, retention_hours=retention_hours)

    def stores(self) -> "Stores":
        """Return the record tables and the payloads as received, for an ingest."""
        from .ingest import Stores
        from .objects import Objects

        return Stores(self.root, self.records, Objects(self.root / "objects"))

    def cards(self) -> list[DatasetCard]:
        """Return all cards, names ascending."""
        return [self._cards.get(name) for name in self._cards.names()]

    def card(self, name: str, *, snapshot: str = "") -> DatasetCard:
        """Return the card of a dataset, or of one of its earlier snapshots.

        Raises:
            NotFoundError: when there is no such dataset or snapshot; names the closest one.
        """
        card = self._cards.get(name)
        found = card.at(snapshot)
        if found is None:
            known = ", ".join(item.snapshot for item in card.versions())
            raise NotFoundError(
                f"dataset `{name}` has no snapshot `{echo(snapshot)}`", help=f"snapshots: {known}"
            )
        return found

    def panel(
        self,
        name: str,
        fields: Sequence[str],
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        snapshot: str = "",
    ) -> Panel:
        """Return a dense panel of the bars that open in ``[start, end)``.

        Raises:
            NotFoundError: when there is no such dataset, snapshot or field.
            InvalidInputError: when the window is naive or holds no bar.
        """
        from .panels import panel_of

        card = self.card(name, snapshot=snapshot)
        return panel_of(self._table(name), card, fields, start=start, end=end)

    def bars_before(self, name: str, end: datetime, *, snapshot: str = "") -> dict[str, int]:
        """Count, by symbol, the bars with a close that open before an instant.

        Raises:
            NotFoundError: when there is no such dataset or snapshot.
        """
        from .panels import bars_before

        return bars_before(self._table(name), self.card(name, snapshot=snapshot), end)

    def joined(
        self,
        first: Feed,
        others: Sequence[Feed],
        *,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> Panel:
        """Return the panel of a dataset with the fields of others on its grid of bars and symbols.

        Raises:
            NotFoundError: when there is no such dataset, snapshot or field.
            InvalidInputError: when the window holds no bar, or bars differ in length.
        """
        from .join import Part, joined

        panel = self.panel(
            first.dataset, first.fields, start=start, end=end, snapshot=first.snapshot
        )
        if not others:
            return panel
        infos = self.card(first.dataset, snapshot=first.snapshot).infos()
        edge = datetime.fromtimestamp(int(panel.times[-1]) + 1, UTC)
        parts = []
        for other in others:
            found = self.panel(
                other.dataset,
                other.fields,
                start=datetime.fromtimestamp(int(panel.times[0]), UTC),
                end=edge,
                snapshot=other.snapshot,
            )
            card = self.card(other.dataset, snapshot=other.snapshot)
            parts.append(Part(other.alias, found, card.infos()))
        return joined(panel, infos, parts)

    def check(self, name: str, *, snapshot: str = "") -> list[Finding]:
        """Return what is wrong or odd in a dataset, errors first."""
        return self.checked(name, snapshot=snapshot)[0]

    def checked(self, name: str, *, snapshot: str = "") -> "tuple[list[Finding], Scorecard]":
        """Return what is wrong or odd in a dataset, and the scorecard, which is stored.

        Without ``snapshot``: the latest one, and the records as they are known now.

        Raises:
            NotFoundError: when there is neither such a snapshot nor a record.
        """
        from .quality import scorecards
        from .quality.verdict import verdict

        folder, records = self._table(name), self.records
        with_records = (records, name) if not snapshot and records.kinds(name) else None
        is_bars = with_records is None or self._cards.find(name) is not None
        card = self.card(name, snapshot=snapshot) if is_bars else None
        at = to_text(self._clock.now())
        found, score = verdict(self.root, folder, card, with_records, at)
        scorecards.put(self.root, score)
        return found, score

    def scorecard(self, name: str, *, snapshot: str = "") -> "Scorecard | None":
        """Return what the last check of a snapshot said; None: it was never checked."""
        from .quality import scorecards

        return scorecards.find(self.root, name, snapshot or self.card(name).snapshot)

    def deviations(
        self, name: str, against: str, *, threshold: float, snapshot: str = ""
    ) -> "tuple[list[Deviation], tuple[str, ...]]":
        """Return how far the closes of two datasets lie apart on shared bars, and notes.

        Raises:
            NotFoundError: when there is no such dataset, snapshot or field.
            InvalidInputError: when bars differ in length, or none is in both.
        """
        from .quality.deviation import ALIAS, deviations

        first = Feed(name, ("close",), snapshot=snapshot)
        panel = self.joined(first, [Feed(against, ("close",), alias=ALIAS)])
        return deviations(panel, threshold), panel.notes

    def require_unchanged(self, name: str, *, snapshot: str) -> None:
        """Hash the stored rows again, and hold them and the card against the snapshot's name.

        Raises:
            TamperedError: when the rows or the card are not what the name was made of.
        """
        from . import tables
        from .rehash import is_unchanged

        card = self.card(name, snapshot=snapshot)
        paths = tables.files(self._table(name), card.table_version, card.snapshot)
        if not is_unchanged(paths, card):
            raise TamperedError(
                f"the stored rows of `{echo(name)}` are not those of `{echo(snapshot)}`",
                help="import the file again, then `alphaforge data check`",
            )

    def summary(self, name: str, *, snapshot: str = "") -> list[FieldSummary]:
        """Return the statistics of every field over the served bars."""
        from .quality.checks import summarise

        return summarise(self.root, self._table(name), self.card(name, snapshot=snapshot))

    def _table(self, name: str) -> Path:
        return self.root / "tables" / require_name(name)

    def _store(  # noqa: PLR0913  # What is stored, what is said of it, and who is told.
        self,
        bars: "Bars",
        name: str,
        source: Source,
        said: Describe,
        report: Report,
        *,
        records: tuple[tuple[str, int], ...] = (),
    ) -> DatasetCard:
        from .dense import grid_of, snapshot_of

        report(2, STEPS, "hash content")
        grid = grid_of(bars.served(), bars.bar_seconds)
        instruments = said(grid.symbols)
        first, last = (to_text(datetime.fromtimestamp(at, UTC)) for at in (grid.start, grid.last))
        card = DatasetCard(
            name=name,
            snapshot=snapshot_of(bars, grid, instruments),
            bar_seconds=bars.bar_seconds,
            start=first,
            end=last,
            symbols=grid.symbols,
            rows=bars.served().height,
            fields=bars.fields,
            derived=derivable(bars.fields),
            origin=source.origin,
            is_synthetic=source.is_synthetic,
            notes=(*source.notes, *bars.notes),
            faults=bars.faults,
            imported_at=to_text(self._clock.now()),
            labels=bars.labels,
            instruments=instruments,
            records=records,
        )
        with only_writer(self.root / "locks", name):
            report(3, STEPS, "write table")
            card = self._commit(bars, card)
        report(STEPS, STEPS, "done")
        return card

    def _commit(self, bars: "Bars", card: DatasetCard) -> DatasetCard:
        """Write what the lake lacks: nothing, the card alone, or the table and then the card."""
        from . import tables

        old = self._readable(card.name)
        versions = old.versions() if old is not None else ()
        known = next((item for item in versions if item.snapshot == card.snapshot), None)
        if known is not None and tables.is_whole(self._table(card.name), known):
            if old is not None and old.snapshot == card.snapshot:
                return old
            card = known
        else:
            version = tables.write(self._table(card.name), bars, card.snapshot)
            card = replace(card, table_version=version)
        earlier = tuple(item for item in versions if item.snapshot != card.snapshot)
        card = replace(card, history=earlier)
        self._cards.put(card)
        return card

    def _readable(self, name: str) -> DatasetCard | None:
        try:
            return self._cards.find(name)
        except BrokenError:
            # Importing again is what a broken card asks for; its old snapshots are lost with it.
            return None
