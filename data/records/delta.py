"""The door to the Delta tables of records (deltalake): files in, files out, one commit a write."""

import json
from collections.abc import Mapping
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
from .columns import BAR, MONTH, PARTITIONS, REVISION, VENUE, stored_schema
from .place import Place

# Two commits that name the same application never both succeed on one version.
_APPLICATION = "alphaforge.records"
WRITER = WriterProperties(compression="ZSTD", compression_level=3)
QUIET = PostCommitHookProperties(cleanup_expired_logs=False)


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

    def files(self) -> list[File]:
        """Return the data files of the version, paths ascending."""
        import pyarrow as pa

        rows = pa.table(self.delta.get_add_actions(flatten=True)).to_pylist()
        return sorted((_file(self.place, row) for row in rows), key=lambda file: file.path)

    def append(self, rows: pl.DataFrame, said: Mapping[str, Any]) -> bool:
        """Add rows as one commit; false: someone else committed first, so read again.

        A crash before the commit leaves the version as it was; files without one are not read.
        """
        commit = CommitProperties(
            custom_metadata=dict(said),
            max_commit_retries=0,
            app_transactions=[Transaction(_APPLICATION, self.version + 1)],
        )
        try:
            write_delta(
                self.delta,
                rows,
                mode="append",
                schema_mode="merge",
                writer_properties=WRITER,
                commit_properties=commit,
                post_commithook_properties=QUIET,
            )
        except CommitFailedError:
            return False
        self.sync()
        return True

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
