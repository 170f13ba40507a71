"""One strategy over one panel: universe, signal, weights, simulation, metrics.

``span`` says which bars are loaded, seen and simulated. ``traded`` begins where the signal is
there, for whoever has evaluated many of them at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..core.progress import Report, silent
from ..dsl.strategy import Rule, Strategy, Window
from .attribution import Attribution, attribute, factors_of
from .benchmark import benchmark_returns
from .facts import Facts, market_of
from .folds import FoldResult, cut, results_of, tested
from .grid import decision_rows
from .information import Information, information
from .measure import measure
from .missing import check_missing
from .notes import notes_of
from .roll import Rolled, rolled, settlements
from .simulate import Simulation, simulate
from .span import check_panel, cut_panel, days_of, look_back_bars, span_of, start_row_of
from .universe import universe_mask
from .weights import decided_weights

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from .evaluate import Evaluator

__all__ = ["Backtest", "Known", "backtest", "look_back_bars", "span_of", "traded"]


@dataclass(frozen=True, slots=True)
class Backtest:
    """All that one back-test found.

    ``signal`` (NaN outside the universe), ``mask`` and ``weights`` cover the panel up to the
    window's end; the simulation covers the rows from ``start_row`` on. ``decisions`` are the rows
    at whose end targets were set; a bounded turnover may leave the book short of them. ``notes``
    state what a reader of the figures must know.
    ``benchmark`` are its returns over the simulated rows, where the strategy names one. A variant
    of a batch has no ``attribution``: it is worked out where its sheet is drawn.
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
    attribution: Attribution | None
    folds: tuple[FoldResult, ...] = ()
    benchmark: NDArray[np.float64] | None = None


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
            missing, no position is ever taken, the data set lacks the benchmark, or the bars cannot
            be cut into the folds asked for.
    """
    check_panel(strategy, panel)
    covered = covered or days_of(panel)
    panel = cut_panel(strategy, panel, covered)
    contracts = None if strategy.roll_bars is None else rolled(panel, strategy.roll_bars)
    panel = panel if contracts is None else contracts.panel
    report(0.0, 1.0, "choosing the universe")
    mask = universe_mask(strategy.universe, panel, evaluator, before)
    report(0.1, 1.0, "evaluating the signal")
    factors = factors_of(strategy, panel)
    roots = [strategy.signal, *factors.values()]
    signal, *values = evaluator.evaluate(roots, panel, mask, _part(report, 0.1, 0.7))
    named = dict(zip(factors, values, strict=True))
    known = Known(panel, mask, np.where(mask, signal, np.nan), covered, contracts, named)
    return traded(strategy, known, evaluator, _part(report, 0.7, 1.0))


@dataclass(frozen=True, slots=True)
class Known:
    """What stands before a book is traded: the bars that may be seen, who is in, and the signal.

    ``signal`` is NaN outside ``mask``; ``covered`` are the days that the data set has. All of it is
    of underlyings where there are ``contracts``, in which the book is then held. ``factors`` are
    those that the gain is attributed to, by name; None: it is not attributed.
    """

    panel: "Panel"
    mask: NDArray[np.bool_]
    signal: "Matrix"
    covered: Window
    contracts: Rolled | None = None
    factors: "Mapping[str, Matrix] | None" = None


def traded(
    strategy: Strategy, known: Known, evaluator: "Evaluator", report: Report = silent
) -> Backtest:
    """Decide, simulate and measure on a signal that is there; it raises what ``backtest`` does."""
    panel = known.panel
    start_row = start_row_of(strategy, panel, known.signal)
    folds = () if strategy.split is None else cut(strategy.split, panel.shape[0] - start_row)
    report(0.0, 1.0, "simulating")
    decisions = decision_rows(
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        start_row=start_row,
    )
    weights = _decided(strategy, known, decisions, evaluator)
    compared = benchmark_returns(
        strategy, panel, known.mask, decisions=decisions, start_row=start_row
    )
    signal, mask, delay = known.signal, known.mask, strategy.delay_bars
    if known.contracts is not None:
        weights = known.contracts.spread(weights, np.float64(0), delay)
        signal = known.contracts.spread(signal, np.float64(np.nan), delay)
        mask = known.contracts.spread(mask, np.bool_(0), delay)
        panel = known.contracts.book
    settled = None if known.contracts is None else settlements(panel)
    done = _simulated(strategy, panel, weights, start_row, evaluator, settled)
    report(0.7, 1.0, "measuring")
    knowledge = information(
        signal,
        panel,
        decisions,
        delay_bars=strategy.delay_bars,
        horizon_bars=strategy.rebalance_bars,
    )
    facts = Facts(
        done,
        knowledge,
        tested=tested(folds, done.returns) if folds else None,
        benchmark=compared,
        market=market_of(panel, start_row),
    )
    shown = results_of(folds, done)
    report(1.0, 1.0, "measured")
    targets = weights[decisions]
    return Backtest(
        strategy=strategy,
        signal=signal,
        mask=mask,
        weights=weights,
        decisions=decisions,
        start_row=start_row,
        simulation=done,
        information=knowledge,
        metrics=measure(facts),
        notes=notes_of(
            strategy, known.panel, done, targets=targets, folds=shown, covered=known.covered
        ),
        folds=shown,
        benchmark=compared,
        attribution=_attributed(strategy, known, facts, decisions=decisions, targets=targets),
    )


def _attributed(
    strategy: Strategy,
    known: Known,
    facts: Facts,
    *,
    decisions: NDArray[np.int64],
    targets: "Matrix",
) -> Attribution | None:
    """Attribute the gain to the factors, seen as the signal is: of members, in contracts held."""
    if known.factors is None or facts.market is None:
        return None
    delay = strategy.delay_bars
    factors = {}
    for name, values in known.factors.items():
        seen = np.where(known.mask, values, np.nan)
        if known.contracts is not None:
            seen = known.contracts.spread(seen, np.float64(np.nan), delay)
        factors[name] = seen[decisions]
    start_row = len(known.signal) - len(facts.returns)
    traded_rows = decisions + delay - start_row
    return attribute(facts, facts.market, factors, weights=targets, traded_rows=traded_rows)


def _part(report: Report, low: float, high: float) -> Report:
    """Map reports of a part onto its share of the whole."""

    def tell(done: float, total: float, message: str) -> None:
        report(low + (high - low) * (done / total if total else 0.0), 1.0, message)

    return tell


def _decided(
    strategy: Strategy, known: Known, decisions: NDArray[np.int64], evaluator: "Evaluator"
) -> "Matrix":
    """Decide the weights at the rows of decisions, in the panel's shape; all others are 0."""
    check_missing(known.signal, known.mask, known.panel, decisions, strategy.signal)
    weights = np.zeros(known.panel.shape)
    weights[decisions] = decided_weights(
        strategy.portfolio,
        known.panel,
        signal=known.signal,
        mask=known.mask,
        rows=decisions,
        evaluator=evaluator,
        benchmark=strategy.benchmark,
    )
    _require_positions(strategy, weights)
    return weights


def _simulated(  # noqa: PLR0913, PLR0917  # All that a book is made of.
    strategy: Strategy,
    panel: "Panel",
    weights: "Matrix",
    start_row: int,
    evaluator: "Evaluator",
    settled: NDArray[np.float64] | None,
) -> Simulation:
    turnover_max = strategy.portfolio.turnover_max
    return simulate(
        weights,
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        costs=strategy.costs,
        account=strategy.account,
        start_row=start_row,
        settlement=settled,
        turnover_max=None if turnover_max is None else float(turnover_max),
        kernels=evaluator.kernels,
    )


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
