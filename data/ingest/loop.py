"""The ingest: plan, fetch in parallel, keep the payload, read it, store its rows, tick it off.

1. A step's payload is on the disk, and its hash in the ledger, before anybody reads it.
2. Rows are stored by key, so that storing them again changes nothing.
3. A step is ticked off after its rows are stored: whoever is killed repeats at most the storing.
4. Steps are fetched by several threads and taken in the order of the plan.
"""

from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ...core.clock import Clock
from ...core.errors import AlphaForgeError, InvalidInputError, LimitError, NotFoundError
from ...core.progress import Report, silent
from ..locks import only_writer
from ..schemas import conformed, model_of
from .cleaning import cleaned
from .dead import bury
from .fetch import AbsentError, Fetch, LongPauseError, TryAgainError
from .ledger import Ledger, State
from .pace import Manners, Pace, Wait
from .result import Ingested, Tally
from .retry import fetch_patiently
from .source import Batch, Branching, Paged, Source, Step, Wanted
from .stores import Stores
from .writing import Ended, Writing

FLIGHTS_PER_WORKER = 2
# A source whose answers ask for more without end is stopped here.
STEPS_MAX = 5_000_000

Obtained = tuple[str, bytes, int]


def ingest(  # noqa: PLR0913  # The parts of one ingest, each chosen by the composition root.
    wanted: Wanted,
    source: Source,
    fetch: Fetch,
    stores: Stores,
    *,
    clock: Clock,
    wait: Wait,
    manners: Manners | None = None,
    report: Report = silent,
) -> Ingested:
    """Bring what is wanted from a source into a dataset's tables; again, and only what lacks.

    Raises:
        ConflictError: when another ingest of this source into this dataset is at work.
    """
    manners = manners or Manners()
    folder = stores.root / "ingest"
    with only_writer(stores.root / "locks", f"{wanted.dataset}.ingest.{source.name}"):
        ledger = Ledger(folder / f"{wanted.dataset}.db", source.name, clock)
        pool = ThreadPoolExecutor(manners.workers, thread_name_prefix="ingest")
        try:
            work = _Work(wanted, source, fetch, stores, ledger, pool, clock, wait, manners)
            return work.run(report)
        finally:
            pool.shutdown(cancel_futures=True)
            ledger.close()


class _Work:
    """One ingest on its way."""

    def __init__(  # noqa: PLR0913, PLR0917  # As above.
        self,
        wanted: Wanted,
        source: Source,
        fetch: Fetch,
        stores: Stores,
        ledger: Ledger,
        pool: ThreadPoolExecutor,
        clock: Clock,
        wait: Wait,
        manners: Manners,
    ) -> None:
        self._wanted, self._source, self._fetch = wanted, source, fetch
        self._stores, self._ledger, self._pool = stores, ledger, pool
        self._clock, self._wait, self._manners = clock, wait, manners
        self._pace = Pace(manners, clock, wait)
        self._tally = Tally()
        self._writing = Writing(stores, wanted, source.name, ledger, self._tally)
        self._waiting: deque[Step] = deque()
        self._flights: deque[tuple[Step, Future[Obtained]]] = deque()

    def run(self, report: Report) -> Ingested:
        """Take all steps, those that answers ask for included."""
        self._waiting.extend(self._source.plan(self._wanted))
        room = self._manners.workers * FLIGHTS_PER_WORKER
        while self._waiting or self._flights:
            while self._waiting and len(self._flights) < room:
                self._start(self._waiting.popleft())
            if self._flights:
                step, future = self._flights.popleft()
                self._take(step, future)
                left = len(self._waiting) + len(self._flights)
                report(self._tally.steps, self._tally.steps + left, step.key)
        self._writing.flush()
        return self._tally.result(self._wanted.dataset, self._source.name)

    def _start(self, step: Step) -> None:
        """Send a step off, or pass by one that is final already."""
        entry = self._ledger.entry(step.key)
        if entry is not None and entry.state is State.ABSENT:
            self._tally.known += 1
            self._branch(step)
            return
        payload = ""
        if entry is not None and entry.state in {State.DONE, State.RECEIVED}:
            payload = entry.payload
        if entry is not None and entry.state is State.DONE:
            self._tally.known += 1
            if not isinstance(self._source, Paged):
                return
            if self._stores.objects.has(payload):
                self._more(step, self._stores.objects.get(payload))
                return
        self._count()
        self._flights.append((step, self._pool.submit(self._obtain, step, payload)))

    def _obtain(self, step: Step, known: str) -> Obtained:
        """Return a payload that is kept: one of before, or one that is fetched now (any thread)."""
        objects = self._stores.objects
        if known and objects.has(known):
            return known, objects.get(known), 0
        payload, attempts = fetch_patiently(
            self._fetch, step, manners=self._manners, pace=self._pace, wait=self._wait
        )
        return objects.put(payload.body), payload.body, attempts

    def _take(self, step: Step, future: "Future[Obtained]") -> None:
        try:
            name, body, attempts = future.result()
        except AbsentError:
            self._absent(step)
            return
        except LimitError as error:
            self._too_large(step, error)
            return
        except LongPauseError as error:
            # Asking on would only earn a longer pause: the rest is left for another time.
            self._tally.cut["unasked"] += len(self._waiting) + len(self._flights)
            self._waiting.clear()
            for _, flight in self._flights:
                flight.cancel()
            self._flights.clear()
            self._give_up(step, error)
            return
        except (TryAgainError, InvalidInputError, NotFoundError) as error:
            self._give_up(step, error)
            return
        self._tally.received(attempts, len(body))
        self._ledger.write([step.key], State.RECEIVED, payload=name)
        try:
            batches = self._clean(self._source.parse(step, body))
            self._more(step, body)
        except LimitError as error:
            self._too_large(step, error, payload=name)
            return
        except InvalidInputError as error:
            self._give_up(step, error, payload=name)
            return
        state = State.DONE if step.final_at <= self._wanted.now else State.OPEN
        self._writing.add(Ended(step, state, name, batches))

    def _clean(self, batches: Sequence[Batch]) -> list[Batch]:
        found = []
        for batch in batches:
            table = conformed(batch.kind, batch.table)
            whole = Batch(batch.kind, batch.venue, table, batch.bar_seconds)
            one = cleaned(whole, model_of(batch.kind).KEY, now=self._wanted.now)
            self._tally.cut += Counter(
                unfinished=one.unfinished, repeated=one.repeated, backwards=one.backwards
            )
            found.append(one.batch)
        return found

    def _absent(self, step: Step) -> None:
        self._tally.cut["absent"] += 1
        is_overdue = step.overdue_at <= self._wanted.now
        self._ledger.write([step.key], State.ABSENT if is_overdue else State.OPEN)
        self._branch(step)

    def _too_large(self, step: Step, error: LimitError, *, payload: str = "") -> None:
        """Take the parts of what cannot be taken whole, now and ever after."""
        if self._branch(step):
            self._ledger.write([step.key], State.ABSENT, detail=error.message)
        else:
            self._give_up(step, error, payload=payload)

    def _branch(self, step: Step) -> bool:
        """Queue what stands for a step, next; tell whether there is something."""
        others = self._source.instead(step) if isinstance(self._source, Branching) else ()
        self._waiting.extendleft(reversed(others))
        return bool(others)

    def _more(self, step: Step, body: bytes) -> None:
        if isinstance(self._source, Paged):
            self._waiting.extendleft(reversed(self._source.following(step, body)))

    def _give_up(self, step: Step, error: AlphaForgeError, *, payload: str = "") -> None:
        path = self._stores.root / "ingest" / f"{self._wanted.dataset}.dead.jsonl"
        bury(path, step, error, payload=payload, clock=self._clock)
        self._ledger.write([step.key], State.DEAD, detail=error.message)
        self._tally.dead(step, error)

    def _count(self) -> None:
        self._tally.steps += 1
        if self._tally.steps > STEPS_MAX:
            raise LimitError(
                f"an ingest of more than {STEPS_MAX} requests", help="ask for less at a time"
            )
