"""Who works on a run: a file lock that a worker is born with and loses only by dying.

The parent takes the lock and the worker inherits it, so there is no moment in which a worker lives
without it. The kernel drops it with the last process that holds it, however that one dies; no
process number is ever mistaken for another's, and a zombie does not count as alive.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def take(path: Path) -> int | None:
    """Take the lock and return its handle, to pass on and to close; nothing when it is held."""
    return _locked(path, fcntl.LOCK_EX)


@contextmanager
def closing(handle: int) -> Iterator[None]:
    """Let go of one's own handle at the end; a worker that inherited it keeps the lock."""
    try:
        yield
    finally:
        os.close(handle)


def is_held(path: Path) -> bool:
    """Tell whether somebody works on the run."""
    # Shared: two that look at once do not take each other for a worker.
    handle = _locked(path, fcntl.LOCK_SH)
    if handle is None:
        return True
    os.close(handle)
    return False


def _locked(path: Path, how: int) -> int | None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
