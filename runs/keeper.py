"""Whoever looks keeps the runs in order: ends what ended, stops what is to stop, starts what waits.

Every step may be cut off by a crash and is done again by the next one who looks:

1. A running run with an outcome, or whose lifeline is free, has ended. Its experiment is recorded
   first, then its state is moved; recording twice is recording once.
2. A worker that somebody asked to stop and that still lives is killed with its group.
3. A run whose server died before the worker showed a sign of life goes back to the queue.
4. A waiting run is started by the one who holds its lifeline and wins the move to running.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from ..core.clock import Clock, to_text
from ..core.diagnostics import echo
from ..core.errors import BrokenError, LimitError
from ..core.home import Home
from ..core.journal import Journal
from ..memory.experiments import Experiments
from . import lifeline
from .feeds import kept_sources
from .folder import AttemptFolder, RunFolder
from .job import Job
from .limits import RunLimits
from .outcome import Fault, Outcome
from .process import Worker, end, start
from .record import Run
from .states import State
from .store import RunStore

_FOLDERS = re.compile(r"/[^\s\"']*/")


@dataclass(frozen=True, slots=True)
class Keeper:
    """What keeping takes; ``children`` are this process's own, to be reaped."""

    home: Home
    store: RunStore
    experiments: Experiments
    journal: Journal
    clock: Clock
    command: Sequence[str]
    limits: RunLimits
    has_report: bool
    children: list[Worker] = field(default_factory=list)

    def tend(self) -> None:
        """Bring every run to where it can be now."""
        self.children[:] = [child for child in self.children if child.poll() is None]
        for run in self.store.in_state(State.RUNNING):
            self._settle(run)
        for run in self.store.in_state(State.QUEUED):
            self._launch(run)

    def folder(self, run: Run) -> RunFolder:
        """Return a run's folder."""
        return RunFolder(self.home.artifacts / run.run_id)

    def now(self, offset: timedelta = timedelta()) -> str:
        """Return the instant, or one before or after it, as records have it."""
        return to_text(self.clock.now() + offset)

    def _settle(self, run: Run) -> None:
        attempt = self.folder(run).attempt(run.attempt)
        # Life is asked first: what a worker wrote before it died is then there to be read.
        is_alive = attempt.run.is_alive()
        outcome = attempt.outcome()
        if outcome is None and is_alive:
            if not attempt.is_to_stop() or not end(attempt):
                return
            outcome = attempt.outcome()
        if attempt.is_to_stop() and (outcome is None or outcome.fault is not None):
            self._finish(replace(run, state=State.CANCELLED))
        elif outcome is not None:
            self._finish(_with(run, outcome))
        elif attempt.was_started() or run.attempt >= self.limits.attempts_max:
            self._finish(_with(run, Outcome(fault=_death(attempt))))
        else:
            self.store.move(replace(run, state=State.QUEUED, updated_at=self.now()))

    def _finish(self, run: Run) -> None:
        ended = replace(run, updated_at=self.now())
        self.experiments.record(ended.experiment())
        if self.store.move(ended) is None:
            return
        self.journal.append(
            f"run.{ended.state.value}",
            principal=ended.author,
            tenant=ended.tenant,
            body={
                "run_id": ended.run_id,
                "experiment_id": ended.experiment_id,
                "run_fingerprint": ended.run_fingerprint,
                "attempt": ended.attempt,
                "metrics_sha256": hashlib.sha256(ended.metrics.encode()).hexdigest(),
                "error": ended.fault.sentence() if ended.fault else "",
            },
        )

    def _launch(self, run: Run) -> None:
        folder = self.folder(run)
        folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = lifeline.take(folder.lifeline)
        if lock is None:
            # Somebody else is starting it, or its last worker is still dying.
            return
        with lifeline.closing(lock):
            started = replace(
                run, state=State.RUNNING, attempt=run.attempt + 1, updated_at=self.now(), fault=None
            )
            moved = self.store.move(started, running_max=self.limits.running_max)
            if moved is not None:
                self._spawn(moved, folder.attempt(moved.attempt), lock)

    def _spawn(self, run: Run, attempt: AttemptFolder, lock: int) -> None:
        self.experiments.begin(run.prepared)
        attempt.root.mkdir(mode=0o700, exist_ok=True)
        attempt.write_job(self._job(run))
        try:
            child = start(self.command, attempt, lock=lock, cache=self.home.kernels)
        except OSError as error:
            fault = Fault(BrokenError.code, f"the worker could not be started: {error.strerror}")
            self._finish(_with(run, Outcome(fault=fault)))
            return
        attempt.say_pid(child.pid)
        self.children.append(child)

    def _job(self, run: Run) -> Job:
        what = run.prepared
        return Job(
            run_id=run.run_id,
            attempt=run.attempt,
            text=what.text,
            bar_seconds=what.bar_seconds,
            strategy_fingerprint=what.strategy_fingerprint,
            dataset=what.dataset,
            snapshot=what.snapshot,
            engine=what.engine,
            home=str(self.home.root),
            lake=str(self.home.lake),
            kernels=str(self.home.kernels),
            limits=self.limits,
            trials=self.experiments.trials(run.tenant, what.dataset),
            has_report=self.has_report,
            sources=tuple(
                (alias, name, snapshot)
                for alias, (name, snapshot) in sorted(kept_sources(what.settings).items())
            ),
        )


def _with(run: Run, outcome: Outcome) -> Run:
    if outcome.fault is None:
        return replace(
            run,
            state=State.COMPLETED,
            metrics=outcome.metrics,
            artifacts=outcome.artifacts,
            notes=outcome.notes,
            fault=None,
        )
    return replace(run, state=State.FAILED, failures=run.failures + 1, fault=outcome.fault)


def _death(attempt: AttemptFolder) -> Fault:
    """Tell why a worker died, by its last words."""
    words = attempt.last_words()
    if "Timeout (" in words:
        return Fault(LimitError.code, "the run has used its wall time")
    if "memory allocation of" in words or "MemoryError" in words:
        return Fault(LimitError.code, "the run needs more memory than it may use")
    last = _FOLDERS.sub("", words.splitlines()[-1]) if words else ""
    said = f"its last words: `{echo(last)}`" if last else "without a word: it was killed"
    return Fault(
        BrokenError.code, f"the worker died, {said}", help="run it again: that is a new attempt"
    )
