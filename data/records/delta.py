"""The door to the Delta tables of records (deltalake): files in, files out, one commit a write."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    Schema,
    Transaction,
    WriterProperties,
)
from deltalake import write_deltalake as write_delta
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from ...core.errors import BrokenError, NotFoundError
from ..tables import CONFIGURATION, sync
from .archive import APPLICATION, entries, valid
from .columns import BAR, MONTH, PARTITIONS, REVISION, VENUE, stored_schema
from .place import Place

# Two commits that name the same application never both succeed on one version.
_APPLICATION = "alphaforge.records"
WRITER = WriterProperties(compression="ZSTD", compression_level=3)
QUIET = PostCommitHookProperties(cleanup_expired_logs=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One partition: what a venue said of bars of one length in one month."""

    venue: str
    bar_seconds: int
    month: str

    def predicate(self) -> str:
        """Return what is true of its rows alone; the words are registry keys and numbers."""
        return (
            f"{VENUE} = '{self.venue}' AND {BAR} = {self.bar_seconds} AND {MONTH} = '{self.month}'"
        )


@dataclass(frozen=True, slots=True)
class File:
    """One data file of one version; instants are of ``event_at``."""

    path: str
    venue: str
    bar_seconds: int
    month: str
    rows: int
    revision_max: int
    first: datetime
    last: datetime
    bytes: int

    @property
    def part(self) -> Part:
        """Return the partition that it belongs to."""
        return Part(self.venue, self.bar_seconds, self.month)


class Table:
    """One table as one version shows it."""

    def __init__(self, place: Place, table: DeltaTable) -> None:
        """Keep the place and the opened table."""
        self.place = place
        self.delta = table

    @property
    def version(self) -> int:
        """Return the version that is open."""
        return int(self.delta.version())

    @property
    def archive_number(self) -> int:
        """Return the number of the last move to a cold store; 0: there was none."""
        return self.delta.transaction_version(APPLICATION) or 0

    def files(self) -> list[File]:
        """Return the data files of the version, those in a cold store too, paths ascending."""
        return sorted([*self.hot(), *self.cold()], key=lambda file: file.path)

    def hot(self) -> list[File]:
        """Return the data files in the table's own folder."""
        import pyarrow as pa

        rows = pa.table(self.delta.get_add_actions(flatten=True)).to_pylist()
        return [_file(self.place, row) for row in rows]

    def cold(self) -> list[File]:
        """Return the data files of the months that were moved to a cold store.

        Raises:
            BrokenError: when the cold store is not where it was.
        """
        number = self.archive_number
        moved = valid(entries(self.place), number) if number else {}
        tables = {(entry.folder, entry.cold_version) for entry in moved.values()}
        found: list[File] = []
        for folder, version in sorted(tables):
            months = {
                month
                for month, entry in moved.items()
                if (entry.folder, entry.cold_version) == (folder, version)
            }
            store = Place(Path(folder), self.place.dataset, self.place.kind)
            found += [file for file in _stored_away(store, version) if file.month in months]
        return found

    def append(self, rows: pl.DataFrame, said: Mapping[str, Any]) -> bool:
        """Add rows as one commit; false: someone else committed first, so read again.

        A crash before the commit leaves the version as it was; files without one are not read.
        """
        return self._write(rows, said, mode="append", schema_mode="merge")

    def replace(self, rows: pl.DataFrame, said: Mapping[str, Any], part: Part) -> bool:
        """Put rows in the place of those of one partition, as ``append`` adds them."""
        return self._write(rows, said, mode="overwrite", predicate=part.predicate())

    def drop(self, months: Sequence[str], said: Mapping[str, Any], number: int) -> bool:
        """Take months out, as ``append`` adds rows, and raise the archive number."""
        commit = self._commit(said, Transaction(APPLICATION, number))
        names = ", ".join(f"'{month}'" for month in months)
        try:
            self.delta.delete(
                f"{MONTH} IN ({names})",
                commit_properties=commit,
                post_commithook_properties=QUIET,
            )
        except CommitFailedError:
            return False
        self.sync()
        return True

    def vacuum(self, *, keep_versions: Sequence[int], retention_hours: int) -> int:
        """Delete files that no kept version names; return how many."""
        gone = self.delta.vacuum(
            retention_hours=retention_hours,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
            keep_versions=sorted(keep_versions),
            post_commithook_properties=QUIET,
        )
        return len(gone)

    def _write(self, rows: pl.DataFrame, said: Mapping[str, Any], **how: Any) -> bool:  # noqa: ANN401
        try:
            write_delta(
                self.delta,
                rows,
                writer_properties=WRITER,
                commit_properties=self._commit(said),
                post_commithook_properties=QUIET,
                **how,
            )
        except CommitFailedError:
            return False
        self.sync()
        return True

    def _commit(self, said: Mapping[str, Any], *more: Transaction) -> CommitProperties:
        return CommitProperties(
            custom_metadata=dict(said),
            max_commit_retries=0,
            app_transactions=[Transaction(_APPLICATION, self.version + 1), *more],
        )

    def sync(self) -> None:
        """Put what the open version added on the disk, where the table lies on one."""
        folder = self.place.folder
        if folder is None:
            return
        log = folder / "_delta_log" / f"{self.version:020d}.json"
        actions = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        added = [folder / action["add"]["path"] for action in actions if "add" in action]
        parents = {part for path in added for part in path.relative_to(folder).parents}
        sync([*added, log, *(folder / part for part in parents), log.parent, folder])


def opened(place: Place, version: int | None = None) -> Table:
    """Open a table, as it is or as a version left it.

    Raises:
        NotFoundError: when there is no such table.
        BrokenError: when the version is gone.
    """
    place.require_plain()
    try:
        table = DeltaTable(place.uri, storage_options=dict(place.options) or None, version=version)
    except TableNotFoundError as error:
        raise NotFoundError(
            f"the dataset `{place.dataset}` has no records of kind `{place.kind}`",
            help="`alphaforge data list` tells what there is",
        ) from error
    except DeltaError as error:
        raise BrokenError(
            f"version {version} of `{place.kind}` of `{place.dataset}` cannot be read",
            help="was it vacuumed, or is the log damaged?",
        ) from error
    return Table(place, table)


def _stored_away(store: Place, version: int) -> list[File]:
    try:
        return opened(store, version).hot()
    except NotFoundError as error:
        raise BrokenError(
            f"months of `{store.kind}` of `{store.dataset}` lie in `{store.root}`, which is gone",
            help="bring the cold store back to that folder",
        ) from error


def created(place: Place) -> Table:
    """Open a table, made empty where there is none."""
    place.require_plain()
    if place.folder is not None:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    DeltaTable.create(
        place.uri,
        Schema.from_arrow(stored_schema(place.kind)),
        mode="ignore",
        partition_by=list(PARTITIONS),
        name=f"{place.dataset}.{place.kind}",
        configuration=CONFIGURATION,
        storage_options=dict(place.options) or None,
        post_commithook_properties=QUIET,
    )
    return opened(place)


def is_there(place: Place) -> bool:
    """Tell whether there is a table."""
    return bool(DeltaTable.is_deltatable(place.uri, dict(place.options) or None))


def _file(place: Place, row: Mapping[str, Any]) -> File:
    venue, month = row[f"partition.{VENUE}"], row[f"partition.{MONTH}"]
    if Path(row["path"]).is_absolute() or ".." in Path(row["path"]).parts:
        raise BrokenError(f"a file of `{place.kind}` of `{place.dataset}` leads elsewhere")
    return File(
        path=f"{place.base}/{row['path']}",
        venue=venue,
        bar_seconds=int(row[f"partition.{BAR}"]),
        month=month,
        rows=int(row["num_records"]),
        revision_max=int(row[f"max.{REVISION}"]),
        first=row["min.event_at"],
        last=row["max.event_at"],
        bytes=int(row["size_bytes"]),
    )
