"""The tear sheet of a run that left none, drawn when somebody asks for it.

A worker computes the run again from its text and snapshot, and draws only if every byte of the
metrics is as recorded. The record does not change: it is the same run, the same trial.
"""

from dataclasses import replace
from pathlib import Path
from time import monotonic

from ..core.errors import BrokenError, LimitError, NotFoundError
from ..core.progress import Report, silent
from . import lifeline
from .folder import AttemptFolder
from .keeper import Keeper
from .process import LOOK_SECONDS, end, wait_for_end
from .record import Run
from .states import State

PAGE, PICTURE = "report.html", "report.png"
FOLDER = "sheet"


def sheet_of(keeper: Keeper, run: Run, report: Report = silent) -> tuple[Path, ...]:
    """Return page and picture of a completed run, drawn now if they are not there.

    Raises:
        NotFoundError: when the run is not completed.
        BrokenError: when it comes to other figures today, as under another engine.
        LimitError: when drawing takes longer than a run may.
    """
    root = keeper.folder(run).root
    paths = (root / PAGE, root / PICTURE)
    if all(path.is_file() for path in paths):
        return paths
    if run.state is not State.COMPLETED:
        raise NotFoundError(
            f"`{run.experiment_id}` left no tear sheet: its run is `{run.state.value}`",
            next=f"alphaforge run {run.experiment_id}",
        )
    attempt = AttemptFolder(root / FOLDER)
    _start(keeper, run, attempt)
    deadline = monotonic() + keeper.limits.wall_seconds
    while attempt.run.is_alive():
        report(*_progress(attempt))
        if monotonic() > deadline:
            end(attempt)
            raise LimitError("the tear sheet was not drawn in the time of a run")
        wait_for_end(attempt, LOOK_SECONDS)
    outcome = attempt.outcome()
    if outcome is not None and outcome.fault is not None:
        raise BrokenError(
            outcome.fault.message,
            code=outcome.fault.code,
            help=outcome.fault.help,
            next=f"alphaforge run {run.experiment_id}",
        )
    if not all(path.is_file() for path in paths):
        raise BrokenError("the worker that draws has died", help="ask once more")
    return paths


def _start(keeper: Keeper, run: Run, attempt: AttemptFolder) -> None:
    """Start the worker, unless another process has one at it already."""
    lock = lifeline.take(attempt.run.lifeline)
    if lock is None:
        return
    with lifeline.closing(lock):
        attempt.root.mkdir(mode=0o700, exist_ok=True)
        for name in ("outcome.json", "cancel"):
            (attempt.root / name).unlink(missing_ok=True)
        attempt.write_job(replace(keeper.job(run), has_report=True, expected=run.metrics))
        fault = keeper.born(attempt, lock)
    if fault is not None:
        raise BrokenError(fault.message)


def _progress(attempt: AttemptFolder) -> tuple[float, float, str]:
    share, message = attempt.progress()
    return share, 1.0, message
