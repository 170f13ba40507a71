"""The files of one run: shared artifacts, and one folder an attempt."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..core.files import read_or_none, tail, write_whole
from . import lifeline
from .job import BatchJob, Job
from .outcome import Outcome, outcome_from

LOG_TAIL_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of a run; the id comes from the store, never from a caller."""

    root: Path

    @property
    def lifeline(self) -> Path:
        """Return the lock that a living worker holds."""
        return self.root / "alive.lock"

    def is_alive(self) -> bool:
        """Tell whether a worker of any attempt lives."""
        return self.lifeline.exists() and lifeline.is_held(self.lifeline)

    def attempt(self, number: int) -> "AttemptFolder":
        """Return the folder of one attempt."""
        return AttemptFolder(self.root / f"attempt-{number}")


@dataclass(frozen=True, slots=True)
class AttemptFolder:
    """Paths of one attempt."""

    root: Path

    @property
    def job(self) -> Path:
        """What the worker is told."""
        return self.root / "job.json"

    @property
    def log(self) -> Path:
        """What the worker printed."""
        return self.root / "worker.log"

    @property
    def run(self) -> RunFolder:
        """Return the folder of the run."""
        return RunFolder(self.root.parent)

    def has_outcome(self) -> bool:
        """Tell whether the worker came to an outcome."""
        return (self.root / "outcome.json").exists()

    def write_job(self, job: Job | BatchJob) -> None:
        """Leave what the worker is to do."""
        write_whole(self.job, job.data())

    def say_pid(self, pid: int) -> None:
        """Keep the worker's process number, which is its group's too."""
        write_whole(self.root / "pid", str(pid).encode(), is_durable=False)

    def pid(self) -> int | None:
        """Return the worker's process number, once it is known."""
        data = read_or_none(self.root / "pid")
        return int(data) if data else None

    def was_started(self) -> bool:
        """Tell whether a worker showed any sign of life."""
        return self.pid() is not None or bool(self.last_words())

    def ask_to_stop(self) -> None:
        """Leave the word that the attempt is to end; it holds whoever dies next."""
        write_whole(self.root / "cancel", b"")

    def is_to_stop(self) -> bool:
        """Tell whether somebody asked for the end."""
        return (self.root / "cancel").exists()

    def say_progress(self, share: float, message: str) -> None:
        """Leave word of how far the worker is; also its sign of life."""
        data = json.dumps({"share": share, "message": message}).encode()
        write_whole(self.root / "progress.json", data, is_durable=False)

    def progress(self) -> tuple[float, str]:
        """Return how far the worker is, and what it does."""
        data = read_or_none(self.root / "progress.json")
        if data is None:
            return 0.0, "starting"
        found = json.loads(data)
        return float(found["share"]), str(found["message"])

    def say_outcome(self, outcome: Outcome) -> None:
        """Leave the outcome; once this returns it is never lost."""
        write_whole(self.root / "outcome.json", outcome.data())

    def outcome(self) -> Outcome | None:
        """Return the outcome, if the worker came to one."""
        data = read_or_none(self.root / "outcome.json")
        return None if data is None else outcome_from(data)

    def last_words(self) -> str:
        """Return the end of what the worker printed."""
        return tail(self.log, LOG_TAIL_BYTES).strip()
