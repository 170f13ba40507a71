"""The work of one run, done in a process of its own.

1. Say who it is and bound itself.
2. Compile the text again and hold it against what the server meant.
3. Load the panel with its warm-up, evaluate, simulate, measure.
4. Leave the artifacts, and as the last deed the outcome, in one step.

A batch of runs goes the same way with one panel (``batch_worker``). A run that was done before and
is only to be drawn must come to the same figures first.
"""

import sys
import traceback
from pathlib import Path

from ..core.clock import Clock
from ..core.errors import AlphaForgeError, BrokenError, LimitError
from ..dsl.catalogue import Catalogue
from ..memory.rows import metrics_text
from .confine import bound_memory, bound_time
from .folder import AttemptFolder
from .job import BatchJob, Job, read_job
from .loading import compiled, loaded
from .outcome import Fault, Outcome, fault_of
from .teller import Teller

# Shares of the whole: loading, computing, reporting.
LOADED, COMPUTED = 0.15, 0.8


def work(job_path: Path, catalogue: Catalogue, clock: Clock) -> int:
    """Work off a job file and leave its outcome beside it; return the exit code."""
    folder = AttemptFolder(job_path.parent)
    teller = Teller(folder)
    try:
        job = read_job(job_path)
        limits = job.first.limits if isinstance(job, BatchJob) else job.limits
        bound_time(limits)
        teller.report(0.0, 1.0, "compiling")
        if isinstance(job, BatchJob):
            from .batch_worker import compute

            outcome = compute(job, catalogue, clock, folder=folder.run.root.parent, teller=teller)
        else:
            outcome = _computed(job, catalogue, clock, folder=folder.run.root, teller=teller)
    except AlphaForgeError as error:
        outcome = Outcome(fault=fault_of(error))
    except MemoryError:
        outcome = Outcome(fault=fault_of(_out_of_memory()))
    except Exception as error:  # noqa: BLE001  # The worker's outermost door: logged, told in short.
        traceback.print_exc(file=sys.stderr)
        outcome = Outcome(fault=_breakage(error))
    folder.say_outcome(outcome)
    return 0 if outcome.fault is None else 1


def _breakage(error: Exception) -> Fault:
    """Tell what broke; a bound that was reached inside a library comes out as its own error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LimitError):
            return fault_of(cause)
        cause = cause.__cause__ or cause.__context__
    message = f"the worker broke: {type(error).__name__}: {error}"
    return Fault(BrokenError.code, message, help="the run's log has the trace")


def _out_of_memory() -> LimitError:
    return LimitError(
        "the run needs more memory than it may use",
        help="shorten the backtest window, or make the formula smaller",
    )


def _computed(
    job: Job, catalogue: Catalogue, clock: Clock, *, folder: Path, teller: Teller
) -> Outcome:
    made = compiled(job, catalogue)
    strategy = made.require()
    # Opened here: this process is the one that may be heavy. Memory is bounded once they are in.
    from ..engine.backtest import backtest
    from .artifacts import save
    from .evaluating import evaluator_of

    bound_memory(job.limits)
    teller.report(0.0, 1.0, "loading bars")
    data = loaded(job, [made], clock)
    before = None
    if strategy.universe.min_history_bars:
        # A trader's process holds all bars; a panel with its warm-up alone would count fewer.
        before = data.before(int(data.panel.times[0]))
    teller.between(LOADED, COMPUTED)
    with evaluator_of(job, job.engine) as evaluator:
        found = backtest(
            strategy, data.panel, evaluator, teller.report, data.covered, before=before
        )
    teller.between(COMPUTED, 1.0)
    text = metrics_text(found.metrics)
    if job.expected and text != job.expected:
        raise BrokenError(
            "computed again, the run comes to other figures than it is recorded with",
            help="nothing is drawn of figures that differ: see `alphaforge doctor`",
        )
    teller.report(0.0, 1.0, "writing the report")
    names = save(folder, found, job=job, compilation=made, cards=data.cards, metrics=text)
    return Outcome(metrics=text, artifacts=names, notes=found.notes)
