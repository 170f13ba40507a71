"""The work of a batch: one panel, shared signals, each run's outcome as soon as it is there.

A run's outcome is its own file, written whole: a batch that is killed loses none that is finished.
A run that was cancelled meanwhile is left out.
"""

from pathlib import Path

from ..core.clock import Clock
from ..core.errors import AlphaForgeError
from ..dsl.catalogue import Catalogue
from ..dsl.compile import Compilation
from ..memory.rows import metrics_text
from .confine import bound_memory
from .engine import engine_of
from .folder import AttemptFolder, RunFolder
from .job import BatchJob, Job
from .loading import compiled, loaded
from .outcome import Outcome, fault_of
from .teller import Teller

# Shares of the whole: compiling, loading.
COMPILED, LOADED = 0.1, 0.15


def compute(
    batch: BatchJob, catalogue: Catalogue, clock: Clock, *, folder: Path, teller: Teller
) -> Outcome:
    """Compute the runs of a batch; ``folder`` holds a folder a run. The outcome is of the whole.

    Raises:
        AlphaForgeError: what keeps all of them from being computed; finished ones stay.
    """
    teller.between(0.0, COMPILED)
    jobs = list(batch.jobs())
    owns = [RunFolder(folder / job.run_id).attempt(job.attempt) for job in jobs]
    ready: list[tuple[Job, AttemptFolder, Compilation]] = []
    for place, (job, own) in enumerate(zip(jobs, owns, strict=True)):
        teller.report(place, len(jobs), "compiling")
        try:
            ready.append((job, own, compiled(job, catalogue)))
        except AlphaForgeError as error:
            own.say_outcome(Outcome(fault=fault_of(error)))
    if ready:
        _compute(ready, clock, teller)
    return Outcome()


def _compute(
    ready: list[tuple[Job, AttemptFolder, Compilation]], clock: Clock, teller: Teller
) -> None:
    # Opened here: this process is the one that may be heavy. Memory is bounded once they are in.
    from ..engine.batch import backtest_many
    from .artifacts import save_figures
    from .evaluating import evaluator_of

    first = ready[0][0]
    bound_memory(first.limits)
    teller.between(COMPILED, LOADED)
    teller.report(0.0, 1.0, "loading bars")
    data = loaded(first, [made for _, _, made in ready], clock)
    teller.between(LOADED, 1.0)
    strategies = [made.require() for _, _, made in ready]
    with evaluator_of(first, engine_of(*strategies)) as evaluator:
        every = backtest_many(
            strategies,
            data.panel,
            evaluator,
            teller.report,
            data.covered,
            before=data.before,
            is_wanted=lambda place: not ready[place][1].is_to_stop(),
        )
        for place, found in every:
            own = ready[place][1]
            if isinstance(found, AlphaForgeError):
                own.say_outcome(Outcome(fault=fault_of(found)))
                continue
            text = metrics_text(found.metrics)
            names = save_figures(own.run.root, found, text)
            own.say_outcome(Outcome(metrics=text, artifacts=names, notes=found.notes))
