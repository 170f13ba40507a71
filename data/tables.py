"""The door to the Delta tables (deltalake): one table a dataset, one version an import."""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, WriterProperties
from deltalake import write_deltalake as write_delta
from deltalake.exceptions import DeltaError, TableNotFoundError

from ..core.errors import BrokenError, InvalidInputError
from .card import DatasetCard
from .fields import FAULT, MONTH
from .normal import Bars

# An old snapshot is named by runs and plans: its log entries and files stay for good.
CONFIGURATION = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}

# delta-rs panics on the brackets, decodes escapes twice; DuckDB reads stars as wildcards.
_ODD = re.compile(r"[][|^\\*?]|%[0-9A-Fa-f]{2}")


def write(folder: Path, bars: Bars, snapshot: str) -> int:
    """Write rows as the next version of a table, partitioned by month; return that version.

    The commit is one new file in the table's log: a crash before it leaves the earlier version.
    """
    ts = pl.from_epoch("ts", "s").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    frame = bars.frame.with_columns(ts.alias("ts")).with_columns(
        pl.col("ts").dt.strftime("%Y-%m").alias(MONTH)
    )
    ordered = frame.select("ts", "symbol", *bars.fields, FAULT, MONTH)
    require_no_link(folder)
    require_plain(folder)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_delta(
        folder.resolve().as_uri(),
        ordered,
        partition_by=[MONTH],
        mode="overwrite",
        schema_mode="overwrite",
        configuration=CONFIGURATION,
        writer_properties=WriterProperties(compression="ZSTD"),
        commit_properties=CommitProperties(custom_metadata={"snapshot": snapshot}),
        post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
    )
    table = DeltaTable(folder.resolve().as_uri())
    _sync(folder, table)
    return table.version()


def files(folder: Path, version: int, snapshot: str) -> list[str]:
    """Return the data files of one version of a table, every one inside its folder.

    Raises:
        BrokenError: when the version is gone, holds another snapshot, or a file leads elsewhere.
    """
    require_no_link(folder)
    root = folder.resolve()
    if not root.is_dir():
        raise BrokenError(f"the table `{folder.name}` is gone", help="import the file again")
    if _committed(root, version) != snapshot:
        raise BrokenError(
            f"version {version} of the table `{folder.name}` is not `{snapshot}`",
            help="import the file again",
        )
    try:
        found = _paths(root, DeltaTable(root.as_uri(), version=version))
    except (DeltaError, TableNotFoundError, OSError) as error:
        raise BrokenError(
            f"version {version} of the table `{folder.name}` is gone", help="import the file again"
        ) from error
    for path in found:
        if not path.resolve().is_relative_to(root) or not path.is_file():
            raise BrokenError(f"`{path.name}` of `{folder.name}` is gone or leads elsewhere")
    return [str(path) for path in found]


def is_whole(folder: Path, card: DatasetCard) -> bool:
    """Tell whether the files of a card's snapshot are all there."""
    try:
        files(folder, card.table_version, card.snapshot)
    except BrokenError:
        return False
    return True


def month_of(file: str) -> str:
    """Return the month whose bars a data file holds."""
    return next(part for part in Path(file).parts if part.startswith(MONTH)).partition("=")[2]


def rows(paths: list[str], columns: list[str]) -> pl.LazyFrame:
    """Return the named columns of data files, ``ts`` as epoch seconds; nothing else is read."""
    lazy = pl.scan_parquet(paths, glob=False, hive_partitioning=False)
    return lazy.select(columns).with_columns(pl.col("ts").dt.epoch("s"))


def require_no_link(folder: Path) -> None:
    """Refuse a table behind a link."""
    # The lake's root may be a link that its owner made; nothing below it may.
    for path in (folder.parent, folder):
        if path.is_symlink():
            raise BrokenError(f"`{path.name}` of the lake is a link", help="put a folder there")


def require_plain(folder: Path) -> None:
    """Refuse a folder whose path one of the readers would take for a pattern."""
    odd = _ODD.search(str(folder.resolve()))
    if odd is not None:
        raise InvalidInputError(
            f"no table can be kept below a folder with `{odd[0]}` in its name",
            help="choose another home: --home or ALPHAFORGE_HOME",
        )


def _paths(root: Path, table: DeltaTable) -> list[Path]:
    # A uri writes spaces of the root as %20: only its month folder and file name, both ours, count.
    return sorted(root.joinpath(*Path(uri).parts[-2:]) for uri in table.file_uris())


def _committed(root: Path, version: int) -> str:
    """Return the snapshot that a commit of the table's log names; empty: it names none."""
    try:
        lines = (root / "_delta_log" / f"{version:020d}.json").read_text("utf-8").splitlines()
        actions = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return ""
    infos = [action["commitInfo"] for action in actions if "commitInfo" in action]
    return str(infos[0].get("snapshot", "")) if infos else ""


def _sync(folder: Path, table: DeltaTable) -> None:
    """Put what was just written on the disk: after a power loss the version is whole or absent."""
    log = folder / "_delta_log"
    paths = _paths(folder, table)
    sync([*paths, log / f"{table.version():020d}.json", *{path.parent for path in paths}, log])


def sync(paths: Iterable[Path]) -> None:
    """Put files and folders on the disk."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
