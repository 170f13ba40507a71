"""Choosing among variants without looking at what they are tested on.

In each fold of a split, the variant is taken whose train has the highest Sharpe ratio; of equals
the first. The tests of those that were taken, one after the other, are what the whole procedure
would have earned: the choice was made on trains alone, which end before their tests (walk-forward)
or keep clear of them (k-fold).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..engine.folds import drawdown_of, sharpe_of
from ..engine.grid import day_before
from .artifacts import returns_in


@dataclass(frozen=True, slots=True)
class Contender:
    """What one variant's run left of its folds; rows are those of ``folds.json``."""

    name: str
    folds: Sequence[dict[str, object]]
    returns: NDArray[np.float64]
    bar_seconds: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Which variant was taken in a fold, and what its test showed."""

    test: str
    name: str
    train_sharpe: float | None
    test_sharpe: float | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The choice of every fold, and what the tests of those that were taken show together."""

    choices: tuple[Choice, ...]
    sharpe: float | None
    total_return: float
    max_drawdown: float


def tested_from(name: str, *, folds: Path, series: Path) -> Contender:
    """Read what a run left; ``series`` is the file of its series, or of its returns alone."""
    _, returns, bar_seconds = returns_in(series)
    rows = json.loads(folds.read_text(encoding="utf-8"))
    return Contender(name, rows, returns, bar_seconds)


def select(variants: Sequence[Contender]) -> Selection:
    """Choose by trains and join the tests of those that were chosen.

    Raises:
        InvalidInputError: when the variants were not tested on the same bars, as without a window
            those of different look-backs are not.
    """
    tests = {tuple(str(fold["test"]) for fold in variant.folds) for variant in variants}
    if len(tests) != 1:
        raise InvalidInputError(
            "the variants are not tested on the same bars, so none can be chosen by fold",
            help="name the days: `backtest 2025-05-01 .. 2025-11-30, walk_forward ...`",
        )
    choices: list[Choice] = []
    pieces: list[NDArray[np.float64]] = []
    for place in range(len(variants[0].folds)):
        best = max(variants, key=lambda variant: _train(variant, place))
        fold = best.folds[place]
        start, stop = (int(str(row)) for row in _pair(fold["test_rows"]))
        first, end = (str(instant) for instant in _pair(fold["test"]))
        pieces.append(best.returns[start:stop])
        choices.append(
            Choice(
                f"{first[:10]} .. {day_before(end)}",
                best.name,
                _number(fold["train_sharpe"]),
                _number(fold["test_sharpe"]),
            )
        )
    joined = np.concatenate(pieces)
    return Selection(
        choices=tuple(choices),
        sharpe=sharpe_of(joined, variants[0].bar_seconds),
        total_return=float(np.prod(1.0 + joined) - 1.0),
        max_drawdown=drawdown_of(joined),
    )


def _train(variant: Contender, place: int) -> float:
    value = _number(variant.folds[place]["train_sharpe"])
    return -np.inf if value is None else value


def _pair(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
