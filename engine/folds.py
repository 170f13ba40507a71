"""What each fold of a back-test showed, and what its tests show together.

Nothing is fitted inside a run: a text is one set of choices. So its train segments are there to be
compared with, and to choose among variants by (``runs``); its tests are out of sample for whatever
was chosen by the trains.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..dsl.splits import Fold, Segment, folds_of, problem_of
from .facts import deviation_of, finite_or_none, mean_of, ratio_of
from .grid import bars_per_year, instant_text

if TYPE_CHECKING:
    from ..dsl.strategy import Split
    from .simulate import Simulation

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One fold; instants are the opens of the first bars, and the ends of the last ones, UTC.

    ``test_rows`` are the simulated bars tested: the first, and the one behind the last.
    """

    train: tuple[tuple[str, str], ...]
    test: tuple[str, str]
    test_rows: tuple[int, int]
    train_bars: int
    test_bars: int
    train_sharpe: float | None
    test_sharpe: float | None
    test_return: float
    test_drawdown: float


def cut(split: "Split", bars: int) -> tuple[Fold, ...]:
    """Cut the simulated bars into folds.

    Raises:
        InvalidInputError: when they are too few.
    """
    problem = problem_of(split, bars)
    if problem:
        raise InvalidInputError(
            f"the back-test cannot be cut into folds: {problem}",
            help="choose a longer window, shorter segments, or a smaller purge and embargo",
        )
    return folds_of(split, bars)


def tested(folds: Sequence[Fold], returns: Floats) -> Floats:
    """Return the returns of all tests, one after the other."""
    return np.concatenate([returns[start:stop] for start, stop in (fold.test for fold in folds)])


def results_of(folds: Sequence[Fold], simulation: "Simulation") -> tuple[FoldResult, ...]:
    """Measure each fold on the one history that was simulated."""
    return tuple(_result(fold, simulation) for fold in folds)


def sharpe_of(returns: Floats, bar_seconds: int) -> float | None:
    """Return the annual Sharpe ratio, as the metric has it."""
    per_bar = ratio_of(mean_of(returns), deviation_of(returns))
    return None if per_bar is None else per_bar * math.sqrt(bars_per_year(bar_seconds))


def drawdown_of(returns: Floats) -> float:
    """Return the largest fall from a peak of what returns compound to; the start is a peak."""
    growth = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    peak = np.maximum.accumulate(growth)
    return float((1.0 - growth / peak).max())


def _result(fold: Fold, simulation: "Simulation") -> FoldResult:
    returns = simulation.returns
    train = np.concatenate([returns[start:stop] for start, stop in fold.train])
    test = returns[fold.test[0] : fold.test[1]]
    return FoldResult(
        train=tuple(_instants(segment, simulation) for segment in fold.train),
        test=_instants(fold.test, simulation),
        test_rows=fold.test,
        train_bars=len(train),
        test_bars=len(test),
        train_sharpe=finite_or_none(sharpe_of(train, simulation.bar_seconds)),
        test_sharpe=finite_or_none(sharpe_of(test, simulation.bar_seconds)),
        test_return=float(np.prod(1.0 + test) - 1.0),
        test_drawdown=drawdown_of(test),
    )


def _instants(segment: Segment, simulation: "Simulation") -> tuple[str, str]:
    start, stop = segment
    end = int(simulation.times[stop - 1]) + simulation.bar_seconds
    return instant_text(int(simulation.times[start])), instant_text(end)
