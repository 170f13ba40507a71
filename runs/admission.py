"""From a text to a run: may it be, what is it, and was it answered before."""

from dataclasses import replace

from ..core.errors import LimitError
from ..core.ids import derived_id
from ..core.principals import Principal
from ..dsl.compile import Compilation
from ..dsl.feeds import by_alias
from ..dsl.fingerprint import run_fingerprint
from ..memory.experiment import Experiment, ExperimentKind
from ..memory.experiments import Experiments
from ..memory.records import described, refusal_record
from .engine import engine_of
from .estimate import check_budget, estimate
from .feeds import Cards
from .limits import RunLimits
from .record import Run
from .states import State
from .store import RunStore
from .window import check_data, window_text


def check(
    compilation: Compilation,
    cards: Cards,
    *,
    limits: RunLimits,
    experiments: Experiments,
    principal: Principal,
) -> None:
    """Refuse data that does not suit, or a cost over the budget; the latter leaves a record.

    Raises:
        InvalidInputError: when the data does not suit the text.
        LimitError: with the estimate.
    """
    card = cards.first
    check_data(compilation, cards)
    fields = by_alias(compilation.inputs)
    found = estimate(
        compilation.require(),
        card,
        nodes=compilation.node_count,
        inputs=len(compilation.inputs),
        warmup_bars=compilation.warmup_bars,
        cost=compilation.cost,
        other_columns=sum(len(other.symbols) * len(fields[alias]) for alias, other in cards.others),
    )
    try:
        check_budget(found, limits)
    except LimitError as error:
        experiments.record(
            refusal_record(
                compilation,
                principal,
                code=error.code,
                reason=error.message,
                dataset=card.name,
            )
        )
        raise


def prepare(
    compilation: Compilation, cards: Cards, principal: Principal, *, parent: str
) -> Experiment:
    """Return the experiment as it stands before the run: all but its outcome."""
    strategy, card = compilation.require(), cards.first
    engine = engine_of(strategy)
    window = window_text(strategy, cards)
    fingerprint = run_fingerprint(
        compilation.strategy_fingerprint,
        dataset_snapshot=card.snapshot,
        engine_version=engine,
        window=strategy.window,
        bar_seconds=card.bar_seconds,
        other_snapshots=cards.other_snapshots,
    )
    facts = described(compilation, principal) | {"dataset": card.name}
    facts["settings"] = {**facts["settings"], **cards.settings()}
    return Experiment(
        id=derived_id("exp", principal.tenant, fingerprint),
        kind=ExperimentKind.RUN,
        state=State.CREATED.value,
        run_id=derived_id("run", principal.tenant, fingerprint),
        run_fingerprint=fingerprint,
        snapshot=card.snapshot,
        engine=engine,
        window=window,
        parent=parent,
        **facts,
    )


def run_of(prepared: Experiment, compilation: Compilation, principal: Principal, *, at: str) -> Run:
    """Return the run that a prepared experiment is to become."""
    return Run(
        run_id=prepared.run_id,
        tenant=prepared.tenant,
        author=prepared.author,
        lineage=principal.lineage,
        state=State.CREATED,
        fingerprint=compilation.fingerprint,
        run_fingerprint=prepared.run_fingerprint,
        created_at=at,
        updated_at=at,
        prepared=replace(prepared, created_at=at),
    )


def is_answered(run: Run, limits: RunLimits) -> bool:
    """Tell whether a run's answer stands: a result, or a failure that would come again."""
    if run.state is State.COMPLETED:
        return True
    if run.state is not State.FAILED or run.fault is None:
        return False
    return run.fault.is_final or run.failures >= limits.attempts_max


def enqueue(run: Run, store: RunStore, limits: RunLimits, *, at: str) -> None:
    """Put a run in line.

    Raises:
        LimitError: when the line is too long.
    """
    check_line(store, limits)
    # Losing this move means that somebody else has just put it in line.
    store.move(replace(run, state=State.QUEUED, updated_at=at, batch="", batch_attempt=0))


def check_line(store: RunStore, limits: RunLimits) -> None:
    """Refuse when the line is too long; a batch waits as one.

    Raises:
        LimitError: with how many wait.
    """
    waiting = len({place.worker for place in store.places(State.QUEUED)})
    if waiting >= limits.queued_max:
        raise LimitError(
            f"{waiting} runs wait already", help="wait for some to end, or cancel some"
        )


def withdraw(run: Run, store: RunStore, *, at: str) -> bool:
    """Take a waiting run out of the line; tell whether it was still there."""
    return store.move(replace(run, state=State.CANCELLED, updated_at=at)) is not None
