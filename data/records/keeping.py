"""Keep tables of records quick: merge files, delete what nothing names, archive months."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import polars as pl

from ...core.errors import ConflictError, InvalidInputError
from .archive import Entry, add
from .columns import order_of, polars_schema
from .delta import File, Part, Table, created, opened
from .place import Place
from .reading import raw

# Reads open every file of a month; appends of a live tail make one each.
FILES_MAX = 4
RETENTION_HOURS = 7 * 24
Lock = Callable[[Place], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done to one table: files before and after, files deleted, months moved."""

    kind: str
    files_before: int
    files_after: int
    deleted: int = 0
    months: tuple[str, ...] = ()


def compacted(place: Place, lock: Lock) -> Kept:
    """Merge the files of each partition that has many, rows sorted; what is read stays the same.

    Raises:
        ConflictError: when others keep writing.
    """
    before = len(opened(place).hot())
    for part in _crowded(opened(place)):
        with lock(place):
            table = opened(place)
            rows = _rows(place, [file for file in table.hot() if file.part == part])
            _require(table.replace(rows, {"compacted": part.month}, part), place)
    return Kept(place.kind, before, len(opened(place).hot()))


def vacuumed(
    place: Place, lock: Lock, keep: Sequence[int], retention_hours: int = RETENTION_HOURS
) -> Kept:
    """Delete the files that no kept version, no version inside the retention and no crash needs."""
    with lock(place):
        table = opened(place)
        files = len(table.hot())
        known = [version for version in keep if version <= table.version]
        gone = table.vacuum(keep_versions=known, retention_hours=retention_hours)
    return Kept(place.kind, files, files, gone)


def archived(place: Place, lock: Lock, *, before: str, to: Path) -> Kept:
    """Move the months before ``before`` (YYYY-MM) to a table below a folder; reads see them still.

    Raises:
        InvalidInputError: when the folder is no folder, or the lake lies in a bucket.
        ConflictError: when others keep writing.
    """
    folder = to.resolve()
    if place.folder is None or not folder.is_dir() or folder.is_relative_to(place.folder):
        raise InvalidInputError(
            "records are archived from a lake on a disk to a folder outside it",
            help="make the folder first",
        )
    with lock(place):
        table = opened(place)
        hot = table.hot()
        moving = [file for file in hot if file.month < before]
        months = tuple(sorted({file.month for file in moving}))
        if months:
            cold = created(Place(folder, place.dataset, place.kind))
            there = [file for file in table.cold() if file.month in months]
            for part, files in groupby(sorted([*moving, *there], key=_by_part), _by_part):
                rows = _rows(place, list(files))
                _require(cold.replace(rows, {"archived": part[2]}, Part(*part)), cold.place)
            number = table.archive_number + 1
            add(place, Entry(number, str(folder), months, cold.version), number - 1)
            _require(table.drop(months, {"archived": ", ".join(months)}, number), place)
        return Kept(place.kind, len(hot), len(table.hot()), months=months)


def _by_part(file: File) -> tuple[str, int, str]:
    return file.venue, file.bar_seconds, file.month


def _crowded(table: Table) -> list[Part]:
    parts = [file.part for file in table.hot()]
    return sorted(
        {part for part in parts if parts.count(part) > FILES_MAX},
        key=lambda part: (part.venue, part.bar_seconds, part.month),
    )


def _rows(place: Place, files: Sequence[File]) -> pl.DataFrame:
    lazy = raw(place.kind, files, place.options)
    return lazy.sort(order_of(place.kind)).select(list(polars_schema(place.kind))).collect()


def _require(is_done: bool, place: Place) -> None:  # noqa: FBT001  # What a commit answers.
    if not is_done:
        raise ConflictError(
            f"others keep writing `{place.kind}` of `{place.dataset}`", help="try again later"
        )
