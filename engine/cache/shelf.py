"""The level on disk: one Arrow file a matrix, safe among processes.

1. A file is written under another name and put in place in one step, readable by its owner alone.
2. It holds its own name and a checksum. What does not fit them, or is no Arrow file at all, is
   taken away and counts as not there: the values are computed again.
3. A file that is read is touched. When all together are over the bound, those that were not touched
   the longest go, under a lock that one process holds at a time. A file that goes while another
   process reads it stays readable to that one.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .keys import digest

if TYPE_CHECKING:
    from ...core.panel import Matrix

SUFFIX, PART = ".arrow", ".part"
# Trimmed below the bound, so that not every file that comes makes another go.
TRIMMED_SHARE = 0.9
# A part that nobody has put in place for so long belongs to a process that died.
PART_SECONDS = 3_600
SHARE_MAX = 0.25


class Shelf:
    """Files of a folder, up to a bound of bytes; one process fills at most a quarter of it."""

    def __init__(self, folder: Path, bytes_max: int) -> None:
        """Name the folder; it is made at the first writing. 0 bytes keep nothing."""
        self.folder, self.bytes_max = folder, bytes_max
        self._written = 0
        self.damaged = self.evicted = 0

    def find(self, key: str, shape: tuple[int, int]) -> "Matrix | None":
        """Read a matrix, if it is there and whole; nobody may write to it."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        values = _matrix(content, key, shape)
        with suppress(OSError):
            if values is None:
                self.damaged += 1
                path.unlink()
            else:
                os.utime(path)
        return values

    def keep(self, key: str, values: "Matrix") -> bool:
        """Write a matrix; tell whether it is there now. A disk that is full is no fault."""
        size = values.nbytes
        if size + self._written > self.bytes_max * SHARE_MAX:
            return False
        path = self._path(key)
        part = path.with_name(f".{key}.{os.getpid()}{PART}")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                _write(part, key, values)
                part.replace(path)
                self._written += size
                self._trim()
        except OSError:
            with suppress(OSError):
                part.unlink()
            return False
        return True

    def size(self) -> tuple[int, int]:
        """Return how many files there are, and their bytes."""
        files = self._files()
        return len(files), sum(size for _, size, _ in files)

    def empty(self) -> int:
        """Take all files away; return how many there were."""
        if not self.folder.is_dir():
            return 0
        with self.locked():
            files = self._files()
            for path, _, _ in files:
                path.unlink(missing_ok=True)
            self._sweep(None)
        return len(files)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one process that changes what the folder holds as a whole."""
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def _files(self) -> list[tuple[Path, int, int]]:
        """List path, bytes and last touch of each file, the one touched the longest ago first."""
        found = []
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX):
                    # Another process may have taken it away since it was listed.
                    with suppress(FileNotFoundError):
                        facts = entry.stat()
                        found.append((Path(entry.path), facts.st_size, facts.st_mtime_ns))
        return sorted(found, key=lambda item: (item[2], item[0].name))

    def _trim(self) -> None:
        with self.locked():
            files = self._files()
            left = sum(size for _, size, _ in files)
            if left <= self.bytes_max:
                return
            for path, size, _ in files:
                if left <= self.bytes_max * TRIMMED_SHARE:
                    break
                path.unlink(missing_ok=True)
                left -= size
                self.evicted += 1
            # The newest file's own time: no clock is asked, and none can disagree.
            self._sweep(files[-1][2] - PART_SECONDS * 1_000_000_000)

    def _sweep(self, before: int | None) -> None:
        """Take away parts that were begun before an instant (all: None) and are in no place yet."""
        for path in self.folder.glob(f".*{PART}"):
            with suppress(FileNotFoundError):
                if before is None or path.stat().st_mtime_ns < before:
                    path.unlink()


def _write(path: Path, key: str, values: "Matrix") -> None:
    # Opened here: it takes a while, and whoever keeps nothing on disk does without.
    import pyarrow as pa

    content = np.ascontiguousarray(values)
    facts = {"key": key, "checksum": _checksum(key, content)}
    schema = pa.schema([pa.field("value", pa.float64())], metadata=facts)
    column = pa.Array.from_buffers(pa.float64(), content.size, [None, pa.py_buffer(content)])
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file, pa.ipc.new_file(file, schema) as writer:
        writer.write_batch(pa.record_batch([column], schema=schema))


def _matrix(content: bytes, key: str, shape: tuple[int, int]) -> "Matrix | None":
    import pyarrow as pa

    try:
        reader = pa.ipc.open_file(pa.py_buffer(content))
        facts = reader.schema.metadata or {}
        batch = reader.get_batch(0)
        column = batch.column(0)
        if batch.num_rows != shape[0] * shape[1] or column.type != pa.float64():
            return None
        values = np.frombuffer(column.buffers()[1], np.float64, batch.num_rows).reshape(shape)
    except (pa.ArrowException, ValueError, TypeError, IndexError, OSError):
        return None
    is_own = facts.get(b"key") == key.encode()
    return values if is_own and facts.get(b"checksum") == _checksum(key, values).encode() else None


def _checksum(key: str, values: "Matrix") -> str:
    return digest(f"{key} {digest(values.data.cast('B'))}".encode())
