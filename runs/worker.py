"""The work of one run, done in a process of its own.

1. Say who it is and bound itself.
2. Compile the text again and hold it against what the server meant.
3. Load the panel with its warm-up, evaluate, simulate, measure.
4. Leave the artifacts, and as the last deed the outcome, in one step.
"""

import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from ..core.clock import Clock
from ..core.errors import AlphaForgeError, BrokenError, LimitError
from ..data.lake import Lake
from ..dsl.catalogue import Catalogue
from ..dsl.compile import Compilation, compile_text
from ..memory.rows import metrics_text
from .confine import bound_memory, bound_time
from .engine import engine_of
from .folder import AttemptFolder
from .job import Job, read_job
from .outcome import Fault, Outcome, fault_of
from .window import days_of

PROGRESS_SECONDS, PROGRESS_SHARE = 0.1, 0.02
# Shares of the whole: loading, computing, reporting.
LOADED, COMPUTED = 0.15, 0.8


def work(job_path: Path, catalogue: Catalogue, clock: Clock) -> int:
    """Work off a job file and leave its outcome beside it; return the exit code."""
    folder = AttemptFolder(job_path.parent)
    teller = _Teller(folder)
    try:
        job = read_job(job_path)
        bound_time(job.limits)
        teller.report(0.0, 1.0, "compiling")
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


class _Teller:
    """Leaves word of the progress now and then, and hears when somebody asks for the end."""

    def __init__(self, folder: AttemptFolder) -> None:
        self._folder = folder
        self._said_at, self._said = 0.0, -1.0
        self.low, self.high = 0.0, 1.0

    def between(self, low: float, high: float) -> None:
        """Map the reports that follow onto a part of the whole."""
        self.low, self.high = low, high

    def report(self, done: float, total: float, message: str) -> None:
        """Take a report, as ``core.progress`` means it."""
        share = self.low + (self.high - self.low) * (done / total if total else 0.0)
        is_recent = monotonic() - self._said_at < PROGRESS_SECONDS
        if is_recent and share - self._said < PROGRESS_SHARE:
            return
        self._said_at, self._said = monotonic(), share
        if self._folder.is_to_stop():
            raise LimitError("the run was cancelled")
        self._folder.say_progress(round(share, 3), message)


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
    job: Job, catalogue: Catalogue, clock: Clock, *, folder: Path, teller: _Teller
) -> Outcome:
    compilation = compile_text(job.text, catalogue, bar_seconds=job.bar_seconds)
    strategy = compilation.require()
    _check_same(job, compilation)
    # Opened here: this process is the one that may be heavy. Memory is bounded once they are in.
    from ..engine.backtest import backtest, span_of
    from ..engine.evaluate import Evaluator
    from ..engine.kernels import Kernels
    from .artifacts import save
    from .feeds import Cards, feeds_of

    lake = Lake(Path(job.lake), clock)
    card = lake.card(job.dataset, snapshot=job.snapshot)
    kept = {alias: lake.card(name, snapshot=at) for alias, name, at in job.sources}
    cards = Cards(card, tuple((alias, kept[alias]) for alias, _ in strategy.sources))
    bound_memory(job.limits)
    teller.report(0.0, 1.0, "loading bars")
    covered = days_of(card)
    start, end = span_of(strategy, covered)
    traded, others = feeds_of(cards, compilation)
    panel = lake.joined(traded, others, start=start, end=end)
    before = None
    if strategy.universe.min_history_bars:
        # A trader's process holds all bars; a panel with its warm-up alone would count fewer.
        opened = datetime.fromtimestamp(int(panel.times[0]), UTC)
        before = lake.bars_before(card.name, opened, snapshot=card.snapshot)
    teller.between(LOADED, COMPUTED)
    evaluator = Evaluator(Kernels(Path(job.kernels)))
    found = backtest(strategy, panel, evaluator, teller.report, covered, before=before)
    teller.between(COMPUTED, 1.0)
    teller.report(0.0, 1.0, "writing the report")
    text = metrics_text(found.metrics)
    names = save(folder, found, job=job, compilation=compilation, cards=cards, metrics=text)
    return Outcome(metrics=text, artifacts=names, notes=found.notes)


def _check_same(job: Job, compilation: Compilation) -> None:
    strategy = compilation.require()
    if compilation.strategy_fingerprint != job.strategy_fingerprint:
        raise BrokenError(
            "the worker reads the text otherwise than the server did",
            help="restart the server: its packs or its language have changed",
        )
    if engine_of(strategy) != job.engine:
        raise BrokenError(
            "the worker's engine is not the server's",
            help="restart the server: the engine has changed",
        )
