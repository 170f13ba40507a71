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
from ..dsl.facts import has_unbounded_reach, roots_of, unique_nodes
from ..dsl.strategy import Rule, Strategy
from .facts import Facts
from .grid import decision_rows, instant_text
from .information import Information, information
from .measure import measure
from .missing import check_missing, warmups
from .notes import notes_of
from .prices import FIELDS_NEEDED
from .simulate import Simulation, simulate
from .universe import universe_mask
from .weights import target_weights

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


def span_of(strategy: Strategy) -> tuple[datetime | None, datetime | None]:
    """Say what to load: from the warm-up's first bar up to, not including, the window's end.

    Where an operator remembers all of the past, that is the dataset's first bar: a trader's process
    counts from there too.
    """
    if strategy.window is None:
        return None, None
    if has_unbounded_reach(unique_nodes(roots_of(strategy))):
        return None, _midnight(strategy.window.end) + timedelta(days=1)
    # One bar more: the decision before the first bar of the window is traded at its open.
    bars = look_back_bars(strategy) + 1 + strategy.delay_bars
    before = timedelta(seconds=bars * strategy.bar_seconds)
    start, end = strategy.window.start, strategy.window.end
    return _midnight(start) - before, _midnight(end) + timedelta(days=1)


def look_back_bars(strategy: Strategy) -> int:
    """Count the bars before the first decision with a signal, the universe's own included."""
    universe = strategy.universe
    by = warmups(universe.by)[0] if universe.by is not None else 0
    choosing = max(by, universe.min_history_bars)
    look_back, look_back_inside = warmups(strategy.signal)
    return max(look_back, choosing + look_back_inside)


def backtest(
    strategy: Strategy, panel: "Panel", evaluator: "Evaluator", report: Report = silent
) -> Backtest:
    """Run the strategy over its window of the panel.

    Raises:
        InvalidInputError: when the window holds no bars, the signal no values, too many values are
            missing, or no position is ever taken.
    """
    panel = _cut(strategy, panel)
    report(0.0, 1.0, "choosing the universe")
    mask = universe_mask(strategy.universe, panel, evaluator)
    report(0.1, 1.0, "evaluating the signal")
    signal = evaluator.evaluate([strategy.signal], panel, mask, _part(report, 0.1, 0.7))[0]
    signal = np.where(mask, signal, np.nan)
    start_row = _start_row(strategy, panel, signal)
    report(0.7, 1.0, "simulating")
    decisions = decision_rows(
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        start_row=start_row,
    )
    check_missing(signal, mask, panel, decisions, strategy.signal)
    weights = _weights(strategy, panel, signal, decisions)
    done = _simulated(strategy, panel, weights, start_row)
    report(0.9, 1.0, "measuring")
    knowledge = information(
        signal,
        panel,
        decisions,
        delay_bars=strategy.delay_bars,
        horizon_bars=strategy.rebalance_bars,
    )
    metrics = measure(Facts(done, knowledge))
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
        notes=notes_of(strategy, panel, done, weights[decisions]),
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


def _cut(strategy: Strategy, panel: "Panel") -> "Panel":
    """Check that the panel suits the strategy and cut what comes after the window."""
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
    if strategy.window is None:
        return panel
    stop = int(np.searchsorted(panel.times, _seconds(strategy.window.end + timedelta(days=1))))
    if stop == 0 or panel.times[-1] < _seconds(strategy.window.start):
        first, last = instant_text(int(panel.times[0])), instant_text(int(panel.times[-1]))
        raise InvalidInputError(
            f"the window {strategy.window.start} .. {strategy.window.end} holds no bars of "
            f"`{panel.dataset}`",
            help=f"the bars loaded run from {first} to {last}, UTC",
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
            "dataset has values for",
        )
    return start if strategy.window is not None else int(known[0]) + strategy.delay_bars


def _weights(
    strategy: Strategy, panel: "Panel", signal: "Matrix", decisions: NDArray[np.int64]
) -> "Matrix":
    """Set target weights on the decision rows; a name without a price gets none."""
    has_price = np.isfinite(panel.fields["close"][decisions])
    weights = np.zeros(panel.shape)
    weights[decisions] = target_weights(signal[decisions], has_price, strategy.portfolio)
    if not weights.any():
        needs = (
            "long_short needs at least two names whose signals differ"
            if strategy.portfolio.rule is Rule.LONG_SHORT
            else "the signal is zero, or the same for all names, at every decision"
        )
        raise InvalidInputError("the strategy never takes a position in the window", help=needs)
    return weights


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _seconds(day: date) -> int:
    return int(_midnight(day).timestamp())
