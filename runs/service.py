"""The run service: each run is a worker process, and nothing about it lives in this one.

State is in the store, the outcome in the run's folder, life in the lifeline. So whoever looks next
(this service, another, or one started after a ``kill -9``) finishes what ended, ends what was
cancelled, and starts what waits. Every public method looks first.
"""

import select
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic

from ..core.clock import Clock
from ..core.errors import InvalidInputError, NotFoundError
from ..core.home import Home
from ..core.journal import Journal
from ..core.nearest import nearest
from ..core.principals import DEFAULT_TENANT, Principal
from ..core.progress import Report, silent
from ..data.lake import Lake
from ..dsl.compile import Compilation
from ..memory.compare import Returns
from ..memory.experiment import Experiment
from ..memory.experiments import Experiments
from . import admission
from .batches import Batches
from .feeds import cards_of, datasets_of
from .keeper import Keeper
from .limits import RunLimits
from .process import LOOK_SECONDS, end, wait_for_end
from .record import Run
from .states import ENDED, State
from .store import RunStore
from .view import RunView, view_of

LIMIT_MAX = 100
HOUR = timedelta(hours=1)

__all__ = ["RunPage", "RunView", "Runs"]


def never() -> bool:
    """Say that the caller still waits."""
    return False


@dataclass(frozen=True, slots=True)
class RunPage:
    """Runs, newest first; an empty ``next_cursor`` says that these are the last."""

    runs: tuple[RunView, ...]
    next_cursor: str = ""


class Runs:
    """Start, watch and stop the runs of one home; several services may do so at once."""

    def __init__(  # noqa: PLR0913  # What a service of runs is made of.
        self,
        *,
        home: Home,
        experiments: Experiments,
        lake: Lake,
        journal: Journal,
        clock: Clock,
        worker_command: Sequence[str],
        limits: RunLimits | None = None,
        has_report: bool = True,
    ) -> None:
        """Open the store; ``worker_command`` gets a job file's path as its last argument."""
        self._experiments = experiments
        self._lake = lake
        self._store = RunStore(home.control_db)
        self._keeper = Keeper(
            home=home,
            store=self._store,
            experiments=experiments,
            journal=journal,
            clock=clock,
            command=tuple(worker_command),
            limits=limits or RunLimits(),
            has_report=has_report,
        )
        self.batches = Batches(self._store, self._keeper, lake, experiments)

    def start(
        self, compilation: Compilation, dataset: str, principal: Principal, parent: str = ""
    ) -> RunView:
        """Start a run, join the one that is under way, or answer from memory.

        ``dataset`` wins over the one the text names, and ``okx=NAME`` in it over that of an alias.
        A run that failed for a reason outside its text and data, or was cancelled, is taken up
        again as a new attempt.

        Raises:
            InvalidTextError: when the text has faults.
            InvalidInputError: when no dataset is named, or it does not suit the text.
            NotFoundError: when there is no such dataset.
            LimitError: when the run is over the budget or the queue is full; a refusal is recorded.
        """
        limits = self._keeper.limits
        cards = cards_of(self._lake, datasets_of(compilation, dataset))
        admission.check(
            compilation,
            cards,
            limits=limits,
            experiments=self._experiments,
            principal=principal,
        )
        prepared = admission.prepare(compilation, cards, principal, parent=parent)
        self._keeper.tend()
        run = self._store.add(
            admission.run_of(prepared, compilation, principal, at=self._keeper.now())
        )
        is_from_memory = admission.is_answered(run, limits)
        if not is_from_memory and run.state not in {State.QUEUED, State.RUNNING}:
            admission.enqueue(run, self._store, limits, at=self._keeper.now())
        self._keeper.tend()
        return self._view(self._named(run.run_id, run.tenant), is_from_memory=is_from_memory)

    def show(self, run_id: str, tenant: str = DEFAULT_TENANT) -> RunView:
        """Return a run as it is now.

        Raises:
            NotFoundError: when the tenant has no such run.
        """
        self._keeper.tend()
        return self._view(self._named(run_id, tenant))

    def wait(
        self,
        run_id: str,
        seconds: float,
        report: Report = silent,
        cancelled: Callable[[], bool] = never,
        *,
        tenant: str = DEFAULT_TENANT,
    ) -> RunView:
        """Wait for the end of a run, at most so long; the run goes on when the wait is given up."""
        deadline = monotonic() + seconds
        while True:
            view = self.show(run_id, tenant=tenant)
            report(view.progress, 1.0, view.message)
            left = deadline - monotonic()
            if view.state in ENDED or left <= 0 or cancelled():
                return view
            pause = min(LOOK_SECONDS, left)
            if view.state is State.RUNNING:
                run = self._named(run_id, tenant)
                wait_for_end(self._keeper.worker(run), pause)
            else:
                select.select([], [], [], pause)

    def list(
        self,
        *,
        tenant: str = DEFAULT_TENANT,
        state: str = "",
        limit: int = 20,
        cursor: str = "",
    ) -> RunPage:
        """Return runs of a tenant, newest first.

        Raises:
            InvalidInputError: for a state or limit that cannot be, or a cursor that is none.
        """
        if not 1 <= limit <= LIMIT_MAX:
            raise InvalidInputError(
                f"a limit of `{limit}` cannot be", help=f"ask for 1 to {LIMIT_MAX}"
            )
        wanted = _state_named(state) if state else None
        self._keeper.tend()
        before = None
        if cursor:
            last = self._store.get(cursor)
            if last is None or last.tenant != tenant:
                raise InvalidInputError("the cursor names no run", help="leave the cursor out")
            before = (last.created_at, last.run_id)
        found = self._store.page(tenant, state=wanted, limit=limit + 1, before=before)
        more = found[limit - 1].run_id if len(found) > limit else ""
        return RunPage(tuple(self._view(run) for run in found[:limit]), more)

    def cancel(self, run_id: str, tenant: str = DEFAULT_TENANT) -> RunView:
        """End a run with all its processes; one that has ended stays as it is.

        Raises:
            NotFoundError: when the tenant has no such run.
        """
        run = self._named(run_id, tenant)
        waiting = {State.CREATED, State.QUEUED}
        if run.state in waiting and admission.withdraw(run, self._store, at=self._keeper.now()):
            return self._view(self._named(run_id, tenant))
        # Read again: a waiting run may have been started at this very moment.
        run = self._named(run_id, tenant)
        if run.state is State.RUNNING:
            attempt = self._keeper.folder(run).attempt(run.attempt)
            attempt.ask_to_stop()
            if not run.batch:
                end(attempt)
        return self.show(run_id, tenant=tenant)

    def started_last_hour(self, principal: Principal) -> int:
        """Count the runs that the human behind a principal had started within the last hour."""
        return self._store.count_since(
            principal.tenant, lineage=principal.lineage, since=self._keeper.now(-HOUR)
        )

    def logs(self, run_id: str, tenant: str = DEFAULT_TENANT) -> str:
        """Return the end of what the last attempt's worker printed; for people, not for agents."""
        run = self._named(run_id, tenant)
        return self._keeper.worker(run).last_words() if run.attempt else ""

    def artifact(self, run_id: str, name: str, *, tenant: str = DEFAULT_TENANT) -> Path:
        """Return the path of an artifact, by its exact name.

        Raises:
            NotFoundError: when the run left no such artifact.
        """
        run = self._named(run_id, tenant)
        if name not in run.artifacts:
            there = ", ".join(run.artifacts) or "none"
            raise NotFoundError(
                f"run `{run.run_id}` has no artifact `{name[:40]}`", help=f"artifacts: {there}"
            )
        return self._keeper.folder(run).root / name

    def attach(self, run_id: str, names: Sequence[str], *, tenant: str = DEFAULT_TENANT) -> None:
        """Add files that were left in a run's folder later to its artifacts.

        Raises:
            NotFoundError: when the tenant has no such run.
        """
        self._store.attach(self._named(run_id, tenant).run_id, names)

    def returns(self, experiment: Experiment) -> Returns | None:
        """Return the net returns of an experiment's run, where it left them."""
        from .artifacts import RETURNS, SERIES, returns_from

        for name in (SERIES, RETURNS):
            if name in experiment.artifacts:
                return returns_from(
                    self.artifact(experiment.run_id, name, tenant=experiment.tenant)
                )
        return None

    def sheet(
        self, run_id: str, report: Report = silent, *, tenant: str = DEFAULT_TENANT
    ) -> tuple[Path, ...]:
        """Return the tear sheet of a run, page and picture, drawn now where it left none.

        Raises:
            NotFoundError: when the tenant has no such run, or it is not completed.
            BrokenError: when the run comes to other figures today than it is recorded with.
        """
        from .drawing import sheet_of

        return sheet_of(self._keeper, self._named(run_id, tenant), report)

    def close(self) -> None:
        """Let go of the store; workers go on."""
        self._store.close()

    def _named(self, run_id: str, tenant: str) -> Run:
        run = self._store.get(run_id)
        if run is None or run.tenant != tenant:
            raise NotFoundError(
                f"there is no run `{run_id[:80]}`", help="`alphaforge runs list` shows them"
            )
        return run

    def _view(self, run: Run, *, is_from_memory: bool = False) -> RunView:
        progress, message = 1.0, run.state.value
        if run.state is State.RUNNING:
            progress, message = self._keeper.worker(run).progress()
        elif run.state in {State.CREATED, State.QUEUED}:
            waiting = list(dict.fromkeys(p.worker for p in self._store.places(State.QUEUED)))
            own = run.batch or run.run_id
            ahead = waiting.index(own) if own in waiting else 0
            progress, message = 0.0, f"queued behind {ahead}"
        elif run.fault is not None:
            message = run.fault.sentence()
        return view_of(run, progress=progress, message=message, is_from_memory=is_from_memory)


def _state_named(name: str) -> State:
    known = [state.value for state in State]
    if name in known:
        return State(name)
    meant = nearest(name, known)
    raise InvalidInputError(
        f"there is no state `{name[:40]}`",
        help=f"did you mean `{meant}`?" if meant else f"states: {', '.join(known)}",
    )
