"""Batches: many variants on one data slice, computed by one worker; each is a run like any other.

A batch's id follows from its runs, so asking again is the same batch: what is there is answered
from memory, what ended badly is taken up by a new worker. A variant that another batch, or a run
of its own, is computing already stays with that one.
"""

import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from ..core.errors import AlphaForgeError, InvalidInputError, NotFoundError
from ..core.ids import derived_id
from ..core.principals import DEFAULT_TENANT, Principal
from ..core.progress import Report, silent
from ..data.lake import Lake
from ..dsl.compile import Compilation
from ..memory.experiments import Experiments
from . import admission
from .feeds import Cards, cards_of, datasets_of
from .folder import AttemptFolder, RunFolder
from .keeper import Keeper
from .process import end, wait_for_end
from .record import Run
from .states import State
from .store import RunStore

PREFIX = "bat_"
VARIANTS_MAX = 1_000
# A look at a batch settles all that ended since the last one.
LOOK_SECONDS = 0.5
WAITING = (State.CREATED.value, State.QUEUED.value)

Named = tuple[str, Compilation]


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch at one moment: how many runs are in which state, and what its workers do."""

    batch_id: str
    counts: Mapping[str, int]
    progress: float
    message: str
    is_from_memory: bool = False
    # Variants that were not started, and why.
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> int:
        """Count its runs."""
        return sum(self.counts.values())

    @property
    def state(self) -> State:
        """Return how the whole stands: completed when every run is, else what the worst says."""
        for state in (State.RUNNING, State.QUEUED, State.CREATED, State.CANCELLED, State.FAILED):
            if self.counts.get(state.value):
                return State.QUEUED if state is State.CREATED else state
        return State.COMPLETED


@dataclass(frozen=True, slots=True)
class Batches:
    """Start, watch and stop batches; shares store and keeper with the service of single runs."""

    store: RunStore
    keeper: Keeper
    lake: Lake
    experiments: Experiments

    def start(
        self,
        named: Sequence[Named],
        dataset: str,
        principal: Principal,
        *,
        parent: str = "",
        report: Report = silent,
    ) -> BatchView:
        """Start the variants that are not there yet, those of one data slice in one worker.

        A variant that its data or the budget refuse is left out and named; no variant left is an
        error, the first one's.

        Raises:
            InvalidInputError: when there are none or too many, a data set is not named or not fit.
            NotFoundError: when there is no such data set.
            LimitError: when all are over the budget, or the queue is full.
        """
        if not 1 <= len(named) <= VARIANTS_MAX:
            raise InvalidInputError(
                f"{len(named)} variants are not 1 to {VARIANTS_MAX}, which one batch may hold",
                help="choose some values with `--param NAME=VALUE`, or list fewer",
            )
        admission.check_line(self.store, self.keeper.limits)
        runs, refused = self._prepared(named, dataset, principal, parent, report)
        self.keeper.tend()
        kept = self.store.add_all([run for _, run in runs])
        names = [name for name, _ in runs]
        ids = [run.run_id for run in kept]
        batch = derived_id("bat", principal.tenant, *ids)
        self.store.keep_batch(batch, principal.tenant, list(zip(names, ids, strict=True)))
        is_from_memory = not self._enqueue(kept, batch)
        self.keeper.tend()
        return replace(
            self.show(batch, principal.tenant), is_from_memory=is_from_memory, refused=refused
        )

    def show(self, batch: str, tenant: str = DEFAULT_TENANT) -> BatchView:
        """Return a batch as it is now.

        Raises:
            NotFoundError: when the tenant has no such batch.
        """
        self.keeper.tend()
        _, counts = self._named(batch, tenant)
        total = max(1, sum(counts.values()))
        waiting = counts.get(State.RUNNING.value, 0) + sum(counts.get(word, 0) for word in WAITING)
        share = (total - waiting) / total
        message = f"{total - waiting} of {total} variants"
        if counts.get(State.RUNNING.value):
            message = f"{message}, {self._worker(batch).progress()[1]}"
        elif waiting:
            message = f"{message}, the rest is queued"
        return BatchView(batch, counts, share, message)

    def wait(
        self,
        batch: str,
        seconds: float,
        report: Report = silent,
        cancelled: Callable[[], bool] = bool,
        *,
        tenant: str = DEFAULT_TENANT,
    ) -> BatchView:
        """Wait for the end of all runs, at most so long; they go on when the wait is given up."""
        deadline = monotonic() + seconds
        while True:
            view = self.show(batch, tenant)
            report(view.progress, 1.0, view.message)
            left = deadline - monotonic()
            if view.state not in {State.RUNNING, State.QUEUED} or left <= 0 or cancelled():
                return view
            pause = min(LOOK_SECONDS, left)
            worker = self._worker(batch)
            if worker.run.is_alive():
                wait_for_end(worker, pause)
            else:
                select.select([], [], [], min(pause, LOOK_SECONDS / 5))

    def cancel(self, batch: str, tenant: str = DEFAULT_TENANT) -> BatchView:
        """End a batch's worker; the variants that it finished stay.

        Raises:
            NotFoundError: when the tenant has no such batch.
        """
        newest, _ = self._named(batch, tenant)
        self.keeper.tend()
        for attempt in range(1, newest + 1):
            for run in self.store.queued(batch, attempt):
                admission.withdraw(run, self.store, at=self.keeper.now())
        worker = self._worker(batch)
        if worker.root.is_dir():
            worker.ask_to_stop()
            end(worker)
        return self.show(batch, tenant)

    def runs(self, batch: str, tenant: str = DEFAULT_TENANT) -> list[tuple[str, Run]]:
        """Return the runs of a batch by the names of its variants, in their order.

        Raises:
            NotFoundError: when the tenant has no such batch.
        """
        self._named(batch, tenant)
        return self.store.batch_runs(batch)

    def logs(self, batch: str, tenant: str = DEFAULT_TENANT) -> str:
        """Return the end of what the last worker printed."""
        self._named(batch, tenant)
        return self._worker(batch).last_words()

    def _prepared(
        self, named: Sequence[Named], dataset: str, principal: Principal, parent: str, told: Report
    ) -> tuple[list[tuple[str, Run]], tuple[tuple[str, str], ...]]:
        """Check every variant before any is kept; those of equal meaning are one run."""
        known: dict[object, Cards] = {}
        refused: list[tuple[str, AlphaForgeError]] = []
        runs: dict[str, tuple[str, Run]] = {}
        at = self.keeper.now()
        for place, (name, made) in enumerate(named):
            told(place, len(named), f"checking {name}")
            try:
                sets = datasets_of(made, dataset)
                if sets not in known:
                    known[sets] = cards_of(self.lake, sets)
                run = self._checked(made, known[sets], principal, parent, at)
            except AlphaForgeError as error:
                refused.append((name, error))
                continue
            runs.setdefault(run.run_id, (name, run))
        if not runs:
            raise refused[0][1]
        told_why = tuple((name, f"{error.code}: {error.message}") for name, error in refused)
        return list(runs.values()), told_why

    def _checked(
        self, made: Compilation, cards: Cards, principal: Principal, parent: str, at: str
    ) -> Run:
        admission.check(
            made,
            cards,
            limits=self.keeper.limits,
            experiments=self.experiments,
            principal=principal,
        )
        prepared = admission.prepare(made, cards, principal, parent=parent)
        return admission.run_of(prepared, made, principal, at=at)

    def _enqueue(self, runs: Sequence[Run], batch: str) -> bool:
        """Put what has no answer in line, a worker for each data slice; tell whether any was."""
        slices: dict[tuple[object, ...], list[Run]] = {}
        busy = {State.QUEUED, State.RUNNING}
        for run in runs:
            if run.state not in busy and not admission.is_answered(run, self.keeper.limits):
                what = run.prepared
                key = (what.snapshot, what.dataset, what.bar_seconds, what.window)
                slices.setdefault(key, []).append(run)
        for part in slices.values():
            attempt, at = self.store.next_attempt(batch), self.keeper.now()
            self.store.move_all(
                [
                    replace(
                        run, state=State.QUEUED, updated_at=at, batch=batch, batch_attempt=attempt
                    )
                    for run in part
                ]
            )
        return bool(slices)

    def _named(self, batch: str, tenant: str) -> tuple[int, dict[str, int]]:
        found = self.store.batch(batch, tenant)
        if found is None:
            raise NotFoundError(
                f"there is no batch `{batch[:80]}`", help="`alphaforge runs list` shows the runs"
            )
        return found

    def _worker(self, batch: str) -> AttemptFolder:
        """Return the folder of the worker that is at it, or else of the newest."""
        running = [p for p in self.store.places(State.RUNNING) if p.batch == batch]
        if running:
            return self.keeper.worker(running[0])
        newest = self.store.newest_attempt(batch)
        return RunFolder(self.keeper.home.artifacts / batch).attempt(newest)
