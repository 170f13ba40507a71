"""Start a worker apart from its parent, wait for it, end it with all its children."""

import os
import select
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .folder import AttemptFolder

STOP_SECONDS = 1.0
# How often somebody who waits looks whether the worker said something.
LOOK_SECONDS = 0.1
# The whole environment of a worker: it inherits no secret and no setting ; one core each.
ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    # Two heaps are enough for a few threads, and each reserves 64 MB.
    "MALLOC_ARENA_MAX": "2",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "2",
}


class Worker(subprocess.Popen[bytes]):
    """A child that outlives its handle, by design."""

    def __del__(self) -> None:
        """Let go without the warning that it still runs."""


def start(command: Sequence[str], attempt: AttemptFolder, *, lock: int, cache: Path) -> Worker:
    """Start a worker in its own session, holding the lifeline; its words go to the log."""
    folder = str(attempt.root)
    environment = {
        **ENVIRONMENT,
        "HOME": folder,
        "TMPDIR": folder,
        "MPLCONFIGDIR": str(cache / "matplotlib"),
    }
    with attempt.log.open("ab") as log:
        return Worker(
            [*command, str(attempt.job)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment,
            pass_fds=(lock,),
            start_new_session=True,
            umask=0o077,
        )


def wait_for_end(attempt: AttemptFolder, seconds: float) -> None:
    """Return when the worker ends, or when the time is up."""
    pid = attempt.pid()
    handle = _handle(pid) if pid is not None and attempt.run.is_alive() else None
    if handle is None:
        # No handle to wait on (not Linux, or it is only just being born): look again soon.
        select.select([], [], [], min(seconds, LOOK_SECONDS / 10))
        return
    try:
        select.select([handle], [], [], seconds)
    finally:
        os.close(handle)


def end(attempt: AttemptFolder) -> bool:
    """Kill the worker and all its children; tell whether they are gone."""
    waited = 0.0
    while attempt.run.is_alive() and waited < STOP_SECONDS:
        pid = attempt.pid()
        # While the lifeline is held the group exists, so the number is still its own.
        if pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        wait_for_end(attempt, LOOK_SECONDS)
        waited += LOOK_SECONDS / 10
    return not attempt.run.is_alive()


def _handle(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
