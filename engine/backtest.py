"""One strategy over one panel: universe, signal, weights, simulation, metrics.

The panel brings the warm-up before the window; ``span_of`` says how much to load. Without a window
the simulation starts where the first decision with a signal is traded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..core.progress import Report, silent
from ..dsl.facts import deciding_roots, has_unbounded_reach, unique_nodes
from ..dsl.strategy import Rule, Strategy, Window
from .facts import Facts
from .folds import FoldResult, cut, results_of, tested
from .grid import decision_rows, instant_text
from .holdout import last_day
from .information import Information, information
from .measure import measure
from .missing import check_missing, warmups
from .notes import notes_of
from .prices import FIELDS_NEEDED
from .simulate import Simulation, simulate
from .universe import universe_mask
from .weights import decided_weights

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from .evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class Backtest:
    """All that one back-test found.

    ``signal`` (NaN outside the universe), ``mask`` and ``weights`` cover the panel up to the
    window's end; the simulation covers the rows from ``start_row`` on. ``decisions`` are the rows
    at whose end targets were set. ``notes`` state what a reader of the figures must know.
    """

    strategy: Strategy
    signal: "Matrix"
    mask: NDArray[np.bool_]
    weights: "Matrix"
    decisions: NDArray[np.int64]
    start_row: int
    simulation: Simulation
    information: Information
    metrics: Mapping[str, float | None]
    notes: tuple[str, ...]
    folds: tuple[FoldResult, ...] = ()


def span_of(
    strategy: Strategy, covered: Window | None = None
) -> tuple[datetime | None, datetime | None]:
    """Say what to load: from the warm-up's first bar up to, not including, the end of what is seen.

    ``covered`` are the days that the data set has; a holdout without a window is cut from them.

    Where an operator remembers all of the past, that is the dataset's first bar: a trader's process
    counts from there too.
    """
    days = strategy.window or covered
    last = None if days is None else last_day(strategy, days)
    end = None if last is None else _midnight(last) + timedelta(days=1)
    if strategy.window is None or has_unbounded_reach(unique_nodes(deciding_roots(strategy))):
        return None, end
    # One bar more: the decision before the first bar of the window is traded at its open.
    bars = look_back_bars(strategy) + 1 + strategy.delay_bars
    before = timedelta(seconds=bars * strategy.bar_seconds)
    return _midnight(strategy.window.start) - before, end


def look_back_bars(strategy: Strategy) -> int:
    """Count the bars before the first decision with a signal, the universe's own included."""
    universe, portfolio = strategy.universe, strategy.portfolio
    choosing = universe.min_history_bars
    for node in (universe.where, universe.by):
        if node is not None:
            own, inside = warmups(node)
            # What looks across instruments sees those whom the rules before it let in.
            choosing = max(own, choosing + inside)
    bars = max(choosing, portfolio.look_back_bars)
    for node in (strategy.signal, portfolio.groups):
        if node is not None:
            own, inside = warmups(node)
            bars = max(bars, own, choosing + inside)
    return bars


def backtest(  # noqa: PLR0913  # All that a back-test is made of.
    strategy: Strategy,
    panel: "Panel",
    evaluator: "Evaluator",
    report: Report = silent,
    covered: Window | None = None,
    *,
    before: Mapping[str, int] | None = None,
) -> Backtest:
    """Run the strategy over its window of the panel, less what it withholds.

    ``covered`` are the days that the data set has, if the panel may be but a part of it; ``before``
    are then the bars of each name that lie before the panel, for the universe's ``min_history``.

    Raises:
        InvalidInputError: when the window holds no bars, the signal no values, too many values are
            missing, no position is ever taken, or the bars cannot be cut into the folds asked for.
    """
    _check(strategy, panel)
    covered = covered or _days_of(panel)
    panel = _cut(strategy, panel, covered)
    report(0.0, 1.0, "choosing the universe")
    mask = universe_mask(strategy.universe, panel, evaluator, before)
    report(0.1, 1.0, "evaluating the signal")
    signal = evaluator.evaluate([strategy.signal], panel, mask, _part(report, 0.1, 0.7))[0]
    signal = np.where(mask, signal, np.nan)
    start_row = _start_row(strategy, panel, signal)
    folds = () if strategy.split is None else cut(strategy.split, panel.shape[0] - start_row)
    report(0.7, 1.0, "simulating")
    decisions = decision_rows(
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        start_row=start_row,
    )
    check_missing(signal, mask, panel, decisions, strategy.signal)
    weights = np.zeros(panel.shape)
    weights[decisions] = decided_weights(
        strategy.portfolio, panel, signal=signal, mask=mask, rows=decisions, evaluator=evaluator
    )
    _require_positions(strategy, weights)
    done = _simulated(strategy, panel, weights, start_row)
    report(0.9, 1.0, "measuring")
    knowledge = information(
        signal,
        panel,
        decisions,
        delay_bars=strategy.delay_bars,
        horizon_bars=strategy.rebalance_bars,
    )
    metrics = measure(Facts(done, knowledge, tested(folds, done.returns) if folds else None))
    shown = results_of(folds, done)
    report(1.0, 1.0, "measured")
    return Backtest(
        strategy=strategy,
        signal=signal,
        mask=mask,
        weights=weights,
        decisions=decisions,
        start_row=start_row,
        simulation=done,
        information=knowledge,
        metrics=metrics,
        notes=notes_of(
            strategy, panel, done, targets=weights[decisions], folds=shown, covered=covered
        ),
        folds=shown,
    )


def _part(report: Report, low: float, high: float) -> Report:
    """Map reports of a part onto its share of the whole."""

    def tell(done: float, total: float, message: str) -> None:
        report(low + (high - low) * (done / total if total else 0.0), 1.0, message)

    return tell


def _simulated(strategy: Strategy, panel: "Panel", weights: "Matrix", start_row: int) -> Simulation:
    return simulate(
        weights,
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        costs=strategy.costs,
        start_row=start_row,
    )


def _days_of(panel: "Panel") -> Window:
    first, last = (datetime.fromtimestamp(int(panel.times[at]), UTC).date() for at in (0, -1))
    return Window(first, last)


def _check(strategy: Strategy, panel: "Panel") -> None:
    """Refuse a panel that does not suit the strategy."""
    if panel.bar_seconds != strategy.bar_seconds:
        raise InvalidInputError(
            f"the strategy counts bars of {strategy.bar_seconds} s, dataset `{panel.dataset}` has "
            f"bars of {panel.bar_seconds} s",
            help="name the dataset's bar in the text, or choose a dataset on that grid",
        )
    lacking = [name for name in FIELDS_NEEDED if name not in panel.fields]
    if lacking:
        raise InvalidInputError(f"a back-test needs the field `{lacking[0]}`, which is not loaded")
    if not len(panel.times):
        raise InvalidInputError(
            f"dataset `{panel.dataset}` has no bars in the window",
            help="`alphaforge data list` shows which dates a dataset covers",
        )


def _cut(strategy: Strategy, panel: "Panel", covered: Window) -> "Panel":
    """Cut what comes after the days that may be seen."""
    last = last_day(strategy, covered)
    if last is None:
        return panel
    stop = int(np.searchsorted(panel.times, _seconds(last + timedelta(days=1))))
    if strategy.window is None:
        return panel.rows(0, stop)
    if stop == 0 or panel.times[-1] < _seconds(strategy.window.start):
        first, end = instant_text(int(panel.times[0])), instant_text(int(panel.times[-1]))
        raise InvalidInputError(
            f"the window {strategy.window.start} .. {strategy.window.end} holds no bars of "
            f"`{panel.dataset}`",
            help=f"the bars loaded run from {first} to {end}, UTC",
        )
    return panel.rows(0, stop)


def _start_row(strategy: Strategy, panel: "Panel", signal: "Matrix") -> int:
    """Find the first simulated row: the window's, or where the first signal is traded."""
    start = 0
    if strategy.window is not None:
        start = int(np.searchsorted(panel.times, _seconds(strategy.window.start)))
    decided = decision_rows(
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        start_row=start,
    )
    known = decided[np.isfinite(signal[decided]).any(axis=1)]
    if not len(known):
        raise InvalidInputError(
            f"the signal has no value at any of the {len(decided)} decisions in the window",
            help=f"it looks back {look_back_bars(strategy)} bars and the panel has "
            f"{panel.shape[0]}: choose a longer window, a shorter look-back, or fields that the "
            f"dataset has values for{_unmatched(strategy, panel)}",
        )
    return start if strategy.window is not None else int(known[0]) + strategy.delay_bars


def _unmatched(strategy: Strategy, panel: "Panel") -> str:
    """Say what was told of the other data sets: a name without a partner has no values."""
    marks = tuple(f"`{alias}`" for alias, _ in strategy.sources)
    told = [note for note in panel.notes if note.startswith(marks)] if marks else []
    return "".join(f"; {note}" for note in told)


def _require_positions(strategy: Strategy, weights: "Matrix") -> None:
    if not weights.any():
        raise InvalidInputError(
            "the strategy never takes a position in the window", help=_needs(strategy)
        )


def _needs(strategy: Strategy) -> str:
    """Say what a portfolio that is always flat may lack."""
    portfolio = strategy.portfolio
    if portfolio.look_back_bars:
        return (
            f"volatilities need {portfolio.look_back_bars} returns in a row of each name: choose a "
            "later start, or a shorter window for them"
        )
    if portfolio.net is not None:
        return "a net exposure needs names on both sides: see whether the signal has both signs"
    if portfolio.rule is Rule.LONG_SHORT:
        return "long_short needs at least two names whose signals differ"
    return "the signal is zero, or the same for all names, at every decision"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _seconds(day: date) -> int:
    return int(_midnight(day).timestamp())
