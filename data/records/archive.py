"""Which months of a table lie in a cold store: a file beside the table, made true by its log.

1. The months' rows are written to the cold table.
2. The file says so, under the next number.
3. One commit takes the rows out of the hot table and raises its archive number to that one.

An entry counts for a version that has its number or a later one. So whoever dies before 3 has moved
nothing, and an earlier version still shows its own files.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ...core.errors import BrokenError
from ...core.files import write_whole
from .place import Place

APPLICATION = "alphaforge.archive"


@dataclass(frozen=True, slots=True)
class Entry:
    """One move: its number, the cold store's folder, the months, and the cold table's version."""

    number: int
    folder: str
    months: tuple[str, ...]
    cold_version: int


def entries(place: Place) -> tuple[Entry, ...]:
    """Return what was moved, oldest first, whether or not it came to its end.

    Raises:
        BrokenError: when the file is there and cannot be read.
    """
    path = _path(place)
    if path is None or not path.exists():
        return ()
    try:
        rows = json.loads(path.read_text("utf-8"))
        return tuple(Entry(**{**row, "months": tuple(row["months"])}) for row in rows)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BrokenError(
            f"the file `{path.name}` of `{place.dataset}` cannot be read",
            help="it says which months lie in a cold store; bring it back from a copy",
        ) from error


def valid(found: tuple[Entry, ...], number: int) -> dict[str, Entry]:
    """Return the last entry of each month, for a table whose archive number is given."""
    return {month: entry for entry in found if entry.number <= number for month in entry.months}


def add(place: Place, entry: Entry, number: int) -> None:
    """Write an entry after those that count at a number; the others came to nothing."""
    path = _path(place)
    assert path is not None
    kept = [known for known in entries(place) if known.number <= number]
    text = json.dumps([asdict(known) for known in (*kept, entry)], indent=1)
    write_whole(path, text.encode())


def _path(place: Place) -> Path | None:
    folder = place.folder
    return None if folder is None else folder.with_name(f"{folder.name}.archive.json")
