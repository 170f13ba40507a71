"""One process at a time writes the index; the lock dies with its holder, and a wait has an end."""

import fcntl
import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import ConflictError

WAIT_SECONDS, LOOK_SECONDS = 10.0, 0.02


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the lock of an index while the block runs.

    Raises:
        ConflictError: when another process holds it for longer than one waits.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(handle)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    for _ in range(int(WAIT_SECONDS / LOOK_SECONDS)):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # The system has no wait with an end for this lock.
            select.select([], [], [], LOOK_SECONDS)
        else:
            return
    raise ConflictError(
        "another process is building the search index", help="ask again when it is done"
    )
