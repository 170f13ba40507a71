"""The cache of sub-expressions: memory first, then disk, and what to keep decided by cost."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .bound import Bound
from .keys import Columns, Keys
from .ram import Ram
from .shelf import Shelf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...core.panel import Matrix, Panel

RAM_BYTES = 256 * 1024 * 1024
COUNTS = ("hits", "misses", "kept", "damaged", "evicted")


class Cache:
    """Values of sub-expressions of one home; ``engine`` is part of their names.

    Use it as a context: at the end it adds its counts to those of the folder.
    """

    def __init__(
        self,
        folder: Path,
        bytes_max: int,
        memory_bytes_max: int = RAM_BYTES,
        *,
        engine: str,
    ) -> None:
        """Name the folder and the bounds of both levels; 0 bytes switch a level off."""
        self._shelf = Shelf(folder, bytes_max)
        self._ram = Ram(memory_bytes_max)
        self._columns = Columns()
        self._engine = engine
        self._counts = dict.fromkeys(COUNTS, 0)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Add the counts to those of the folder."""
        self._tell()

    def bound_to(self, panel: "Panel", universe: "NDArray[np.bool_] | None") -> Bound:
        """Return what is known of a panel under a universe; None: everybody is a member."""
        return Bound(self, panel, Keys(panel, universe, self._engine, self._columns))

    def find(self, key: str, shape: tuple[int, int]) -> "Matrix | None":
        """Return the values under a name, from memory or else from disk."""
        found = self._ram.find(key)
        if found is None:
            found = self._shelf.find(key, shape)
            if found is not None:
                self._ram.keep(key, found)
        self._counts["misses" if found is None else "hits"] += 1
        return found

    def keep(self, key: str, values: "Matrix") -> None:
        """Keep values under a name, in memory and on disk."""
        values = values.view()
        values.flags.writeable = False
        self._ram.keep(key, values)
        self._counts["kept"] += self._shelf.keep(key, values)

    @property
    def counts(self) -> Mapping[str, int]:
        """Return what this process has counted: hits, misses, kept, damaged, evicted."""
        shelf = self._shelf
        return {**self._counts, "damaged": shelf.damaged, "evicted": shelf.evicted}

    def _tell(self) -> None:
        if not any(self.counts.values()) or not self._shelf.bytes_max:
            return
        # Counts are for people: a disk that is full does not end a run.
        with suppress(OSError):
            self._shelf.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._shelf.locked():
                known = counts_in(self._shelf.folder)
                total = {name: known[name] + self.counts[name] for name in COUNTS}
                _say_counts(self._shelf.folder, total)


def counts_in(folder: Path) -> dict[str, int]:
    """Return the counts of all processes so far; what cannot be read counts as none."""
    found: dict[str, object] = {}
    with suppress(OSError, ValueError):
        read = json.loads((folder / "counts.json").read_bytes())
        found = read if isinstance(read, dict) else {}
    whole = {name: found.get(name) for name in COUNTS}
    return {name: value if isinstance(value, int) else 0 for name, value in whole.items()}


def facts_of(folder: Path) -> dict[str, int]:
    """Return the files and bytes of a folder, and the counts of all processes so far."""
    files, size = Shelf(folder, 0).size()
    return {"files": files, "bytes": size, **counts_in(folder)}


def empty(folder: Path) -> int:
    """Take all values away and begin to count anew; return how many there were."""
    gone = Shelf(folder, 0).empty()
    (folder / "counts.json").unlink(missing_ok=True)
    return gone


def _say_counts(folder: Path, counts: Mapping[str, int]) -> None:
    part = folder / f".counts.{os.getpid()}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps(counts, sort_keys=True).encode())
    part.replace(folder / "counts.json")
