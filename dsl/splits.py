"""Folds as rows: which bars a split trains on and which it tests, before any data is seen.

Rows count the simulated bars from 0; a segment ``[start, stop)`` leaves ``stop`` out.

1. **Walk-forward.** Fold ``i`` trains on the ``train`` bars before ``train + i * test`` and tests
   on the ``test`` bars from there on. So tests follow each other without a gap. What is left at the
   end and makes no whole test is in none.
2. **K-fold.** The bars are cut into ``k`` blocks, of equal length but for one bar; each is the
   test once, and all others are its train.
3. **Purge.** A decision's outcome takes a rebalance and the delay: the last ``purge`` bars before a
   test know what happens in it, the first ``purge`` after one were known in it: none is in a train.
4. **Embargo.** So many bars more are left out: before a test that follows its train, and behind a
   test that a train follows (Lopez de Prado 2018, 7.4).
"""

from dataclasses import dataclass

from .strategy import Split, SplitKind

FOLDS_MAX = 500
Segment = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold: the rows trained on, in up to two pieces, and the rows tested."""

    train: tuple[Segment, ...]
    test: Segment


def folds_of(split: Split, bars: int) -> tuple[Fold, ...]:
    """Cut so many bars; nothing when they are too few, which ``problem_of`` tells."""
    if problem_of(split, bars):
        return ()
    if split.kind is SplitKind.WALK_FORWARD:
        return _walk_forward(split, bars)
    return _kfold(split, bars)


def problem_of(split: Split, bars: int) -> str:
    """Say in a sentence why so many bars cannot be cut so; nothing when they can."""
    gap = split.purge_bars + split.embargo_bars
    if split.kind is SplitKind.KFOLD:
        return _kfold_problem(split, bars)
    if split.train_bars <= gap:
        return (
            f"purge and embargo of {gap} bars leave nothing of a train of {split.train_bars} bars"
        )
    if bars < split.train_bars + split.test_bars:
        return (
            f"{bars} bars are fewer than a train of {split.train_bars} and a test of "
            f"{split.test_bars}"
        )
    if (bars - split.train_bars) // split.test_bars > FOLDS_MAX:
        return f"{bars} bars make over {FOLDS_MAX} tests of {split.test_bars} bars"
    return ""


def _kfold_problem(split: Split, bars: int) -> str:
    if bars < split.folds:
        return f"{bars} bars are fewer than {split.folds} folds"
    if all(fold.train for fold in _kfold(split, bars)):
        return ""
    gap = split.purge_bars + split.embargo_bars
    return f"purge and embargo of {gap} bars leave a fold of {bars} bars without a train"


def _walk_forward(split: Split, bars: int) -> tuple[Fold, ...]:
    gap = split.purge_bars + split.embargo_bars
    starts = range(split.train_bars, bars - split.test_bars + 1, split.test_bars)
    return tuple(
        Fold(((start - split.train_bars, start - gap),), (start, start + split.test_bars))
        for start in starts
    )


def _kfold(split: Split, bars: int) -> tuple[Fold, ...]:
    size, longer = divmod(bars, split.folds)
    found: list[Fold] = []
    start = 0
    for place in range(split.folds):
        stop = start + size + (1 if place < longer else 0)
        before = (0, start - split.purge_bars)
        after = (stop + split.purge_bars + split.embargo_bars, bars)
        train = tuple(piece for piece in (before, after) if piece[0] < piece[1])
        found.append(Fold(train, (start, stop)))
        start = stop
    return tuple(found)
