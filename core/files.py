"""Files that are whole or absent, whenever a process dies."""

import os
from pathlib import Path
from threading import get_ident


def write_whole(path: Path, data: bytes, *, is_durable: bool = True) -> None:
    """Put data in place of a file in one step; a durable one also survives the loss of power."""
    # A draft of this thread's own: writers of one file meet at the renaming alone.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    with draft.open("wb") as file:
        file.write(data)
        if is_durable:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)
    if is_durable:
        _sync_folder(path.parent)


def read_or_none(path: Path) -> bytes | None:
    """Return a file's content, or nothing when there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def tail(path: Path, bytes_max: int) -> str:
    """Return the end of a text file; of one that is not there, nothing."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - bytes_max))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
