"""Whoever looks keeps the runs in order: ends what ended, stops what is to stop, starts what waits.

Every step may be cut off by a crash and is done again by the next one who looks:

1. A running run with an outcome, or whose lifeline is free, has ended. Its experiment is recorded
   first, then its state is moved; recording twice is recording once.
2. A worker that somebody asked to stop and that still lives is killed with its group.
3. A run whose server died before the worker showed a sign of life goes back to the queue.
4. A waiting run is started by the one who holds its lifeline and wins the move to running.

The runs of a batch have one worker and one lifeline, those of the batch; each leaves its outcome in
its own folder and is recorded as soon as that is there.
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
from .job import BatchJob, Job, Variant
from .limits import RunLimits
from .outcome import Fault, Outcome
from .process import Worker, end, start
from .record import Run
from .states import State
from .store import Place, RunStore

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
        for run in self._ended():
            self._settle(run)
        places = self.store.places(State.QUEUED)
        waiting = {(place.worker, place.batch_attempt): place for place in places}
        for place in waiting.values():
            if place.batch:
                self._launch_batch(place)
            elif (queued := self.store.get(place.run_id)) and queued.state is State.QUEUED:
                self._launch(queued)

    def folder(self, run: Run) -> RunFolder:
        """Return a run's folder."""
        return RunFolder(self.home.artifacts / run.run_id)

    def worker(self, of: Run | Place) -> AttemptFolder:
        """Return the folder of the worker that computes a run: its batch's, or its own."""
        number = of.batch_attempt if of.batch else of.attempt
        return RunFolder(self.home.artifacts / (of.batch or of.run_id)).attempt(number)

    def now(self, offset: timedelta = timedelta()) -> str:
        """Return the instant, or one before or after it, as records have it."""
        return to_text(self.clock.now() + offset)

    def _ended(self) -> list[Run]:
        """Return the running runs that there is something to do about."""
        found, living = [], {}
        for place in self.store.places(State.RUNNING):
            key = (place.worker, place.batch_attempt)
            if key not in living:
                worker = self.worker(place)
                living[key] = worker.run.is_alive() and not worker.is_to_stop()
            own = RunFolder(self.home.artifacts / place.run_id).attempt(place.attempt)
            if living[key] and not own.has_outcome() and not own.is_to_stop():
                continue
            run = self.store.get(place.run_id)
            if run is not None and run.state is State.RUNNING:
                found.append(run)
        return found

    def _settle(self, run: Run) -> None:
        own, worker = self.folder(run).attempt(run.attempt), self.worker(run)
        # Life is asked first: what a worker wrote before it died is then there to be read.
        is_alive = worker.run.is_alive()
        outcome = own.outcome()
        # A run that is cancelled out of a batch lets the others go on: the worker leaves it out.
        is_left_out = bool(run.batch) and own.is_to_stop()
        if outcome is None and is_alive and not is_left_out:
            if not worker.is_to_stop() or not end(worker):
                return
            outcome = own.outcome()
        if outcome is None and run.batch and not is_left_out:
            # Why a batch ended is why those ended that it did not come to.
            whole = worker.outcome()
            outcome = whole if whole is not None and whole.fault is not None else None
        is_to_stop = worker.is_to_stop() or own.is_to_stop()
        if is_to_stop and (outcome is None or outcome.fault is not None):
            self._finish(replace(run, state=State.CANCELLED))
        elif outcome is not None:
            self._finish(_with(run, outcome))
        elif worker.was_started() or run.attempt >= self.limits.attempts_max:
            self._finish(_with(run, Outcome(fault=_death(worker))))
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

    def _launch_batch(self, place: Place) -> None:
        worker = self.worker(place)
        worker.run.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = lifeline.take(worker.run.lifeline)
        if lock is None:
            return
        with lifeline.closing(lock):
            at = self.now()
            started = [
                replace(
                    run, state=State.RUNNING, attempt=run.attempt + 1, updated_at=at, fault=None
                )
                for run in self.store.queued(place.batch, place.batch_attempt)
            ]
            moved = self.store.move_all(started, running_max=self.limits.running_max)
            if moved:
                self._spawn_batch(moved, worker, lock)

    def _spawn_batch(self, runs: Sequence[Run], worker: AttemptFolder, lock: int) -> None:
        for run in runs:
            self.experiments.begin(run.prepared)
            root = self.folder(run).attempt(run.attempt).root
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        worker.root.mkdir(mode=0o700, exist_ok=True)
        variants = tuple(
            Variant(
                run_id=run.run_id,
                attempt=run.attempt,
                text=run.prepared.text,
                strategy_fingerprint=run.prepared.strategy_fingerprint,
                engine=run.prepared.engine,
            )
            for run in runs
        )
        worker.write_job(BatchJob(self.job(runs[0]), variants))
        fault = self.born(worker, lock)
        for run in runs if fault is not None else ():
            self._finish(_with(run, Outcome(fault=fault)))

    def _spawn(self, run: Run, attempt: AttemptFolder, lock: int) -> None:
        self.experiments.begin(run.prepared)
        attempt.root.mkdir(mode=0o700, exist_ok=True)
        attempt.write_job(self.job(run))
        fault = self.born(attempt, lock)
        if fault is not None:
            self._finish(_with(run, Outcome(fault=fault)))

    def born(self, attempt: AttemptFolder, lock: int) -> Fault | None:
        """Start a worker; return why it could not be, if so."""
        try:
            child = start(self.command, attempt, lock=lock, cache=self.home.kernels)
        except OSError as error:
            return Fault(BrokenError.code, f"the worker could not be started: {error.strerror}")
        attempt.say_pid(child.pid)
        self.children.append(child)
        return None

    def job(self, run: Run) -> Job:
        """Return what a worker of a run is told."""
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
            cache=str(self.home.cache),
            cache_bytes=self.home.cache_bytes,
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
