"""Many strategies over one panel: what they share is prepared once.

1. Strategies whose universe and last bar are the same form a group; its members are marked once.
2. The distinct signals of a group are evaluated as one graph, as many at a time as memory allows:
   a sub-expression that several of them hold is computed once.
3. Each strategy sees the rows that it would have loaded alone, from its own warm-up on, and goes
   through the same simulation and metrics as alone. An operator gives a row the same bytes wherever
   the panel begins, so long as its warm-up is in it, and so each has the bytes that it has alone.

A part whose evaluation fails is tried again one by one, so that a fault is its own strategy's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import AlphaForgeError, LimitError
from ..core.progress import Report, silent
from ..dsl.nodes import Node
from ..dsl.strategy import Strategy, Universe, Window
from .backtest import Backtest, Known, backtest, traded
from .graph import graph_of
from .span import check_panel, cut_panel, days_of, span_of
from .universe import universe_mask

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from .evaluate import BoolMatrix, Evaluator

# Signals that wait for their turn to be simulated, in bytes of all of them together.
WAITING_BYTES = 128 * 1024 * 1024
# Bars of each name before an instant of epoch seconds.
Before = Callable[[int], Mapping[str, int]]
Found = Backtest | AlphaForgeError


def backtest_many(  # noqa: PLR0913  # All that a batch is made of.
    strategies: Sequence[Strategy],
    panel: "Panel",
    evaluator: "Evaluator",
    report: Report = silent,
    covered: Window | None = None,
    *,
    before: Before | None = None,
    waiting_bytes: int = WAITING_BYTES,
    is_wanted: Callable[[int], bool] = lambda _: True,
) -> Iterator[tuple[int, Found]]:
    """Visit what each strategy came to, by its place; strategies that share come together.

    ``panel`` holds the bars of all of them with their warm-ups, ``covered`` are the days that the
    data set has. An error is that of one strategy; the others go on. ``waiting_bytes`` bounds the
    signals held at once (never fewer than one). A place that is not ``is_wanted`` any more when its
    turn comes is left out.
    """
    covered = covered or days_of(panel)
    cuts: dict[int, _Cut] = {}
    for place, strategy in enumerate(strategies):
        try:
            cuts[place] = _cut(strategy, panel, covered)
        except AlphaForgeError as error:
            yield place, error
            continue
        if strategy.roll_bars is not None:
            # Its signals are of underlyings, which share nothing with those of contracts.
            own = panel.rows(cuts.pop(place).start, panel.shape[0])
            yield place, _alone(strategy, own, evaluator, covered, before)
    groups: dict[tuple[Universe, int], list[int]] = {}
    for place, cut in cuts.items():
        groups.setdefault((strategies[place].universe, cut.stop), []).append(place)
    done = len(strategies) - len(cuts)
    for (universe, stop), places in groups.items():
        seen = panel.rows(0, stop)
        group = _Group(
            universe=universe,
            strategies=strategies,
            cuts=cuts,
            panel=seen,
            evaluator=evaluator,
            covered=covered,
            before=before,
        )
        size = max(1, waiting_bytes // max(1, seen.fields["close"].nbytes))
        for part in _parts(strategies, places, size):
            report(done, len(strategies), f"evaluating {len(part)} signals")
            wanted = [kept for same in part if (kept := [p for p in same if is_wanted(p)])]
            done += sum(map(len, part)) - sum(map(len, wanted))
            for place, found in group.found(wanted) if wanted else ():
                done += 1
                yield place, found
                report(done, len(strategies), "simulating")


def _alone(
    strategy: Strategy,
    panel: "Panel",
    evaluator: "Evaluator",
    covered: Window,
    before: Before | None,
) -> Found:
    earlier = None
    if strategy.universe.min_history_bars and before is not None:
        earlier = before(int(panel.times[0]))
    try:
        return backtest(strategy, panel, evaluator, covered=covered, before=earlier)
    except LimitError:
        raise
    except AlphaForgeError as error:
        return error


@dataclass(frozen=True, slots=True)
class _Cut:
    """The rows of the panel that a strategy would have loaded."""

    start: int
    stop: int


def _cut(strategy: Strategy, panel: "Panel", covered: Window) -> _Cut:
    check_panel(strategy, panel)
    first, _ = span_of(strategy, covered)
    start = 0 if first is None else int(np.searchsorted(panel.times, first.timestamp()))
    own = cut_panel(strategy, panel.rows(start, panel.shape[0]), covered)
    return _Cut(start, start + own.shape[0])


def _parts(
    strategies: Sequence[Strategy], places: Sequence[int], size: int
) -> Iterator[list[list[int]]]:
    """Visit the strategies of some distinct signals at a time; those of one signal together."""
    # By place in one graph: comparing two deep nodes costs as much as their trees are large.
    roots = graph_of([strategies[place].signal for place in places]).roots
    by_signal: dict[int, list[int]] = {}
    for place, root in zip(places, roots, strict=True):
        by_signal.setdefault(root, []).append(place)
    whole = list(by_signal.values())
    for at in range(0, len(whole), size):
        yield whole[at : at + size]


class _Group:
    """Strategies of one universe up to one last bar, and the members that each of them sees."""

    def __init__(  # noqa: PLR0913  # What they share.
        self,
        *,
        universe: Universe,
        strategies: Sequence[Strategy],
        cuts: Mapping[int, _Cut],
        panel: "Panel",
        evaluator: "Evaluator",
        covered: Window,
        before: Before | None,
    ) -> None:
        self._universe = universe
        self._strategies, self._cuts = strategies, cuts
        self._panel, self._evaluator = panel, evaluator
        self._covered, self._before = covered, before
        self._masks: dict[int, BoolMatrix] = {}

    def found(self, part: list[list[int]]) -> Iterator[tuple[int, Found]]:
        """Visit what the strategies of some distinct signals came to."""
        try:
            signals = self._signals([self._strategies[same[0]].signal for same in part])
        except LimitError:
            # A bound of the process is no fault of a strategy.
            raise
        except (AlphaForgeError, MemoryError) as error:
            if len(part) > 1:
                for same in part:
                    yield from self.found([same])
                return
            told = error if isinstance(error, AlphaForgeError) else _out_of_memory()
            yield from ((place, told) for place in part[0])
            return
        for same in part:
            # Let go of each signal as soon as its strategies are done.
            yield from self._traded(same, signals.pop(0))

    def _signals(self, roots: Sequence[Node]) -> "list[Matrix]":
        return self._evaluator.evaluate(roots, self._panel, self._mask(0))

    def _traded(self, same: Sequence[int], signal: "Matrix") -> Iterator[tuple[int, Found]]:
        masked: dict[int, Matrix] = {}
        for place in same:
            strategy, start = self._strategies[place], self._cuts[place].start
            own = self._panel.rows(start, self._panel.shape[0])
            try:
                mask = self._mask(start)
                if start not in masked:
                    masked[start] = np.where(mask, signal[start:], np.nan)
                known = Known(own, mask, masked[start], self._covered)
                yield place, traded(strategy, known, self._evaluator)
            except LimitError:
                raise
            except AlphaForgeError as error:
                yield place, error
            except MemoryError:
                yield place, _out_of_memory()

    def _mask(self, start: int) -> "BoolMatrix":
        """Mark the members at the rows from ``start`` on, as whoever loads them alone does."""
        if start not in self._masks:
            own = self._panel.rows(start, self._panel.shape[0])
            universe = self._universe
            earlier = None
            if universe.min_history_bars and self._before is not None:
                earlier = self._before(int(own.times[0]))
            self._masks[start] = universe_mask(universe, own, self._evaluator, earlier)
        return self._masks[start]


def _out_of_memory() -> LimitError:
    return LimitError(
        "the run needs more memory than it may use",
        help="shorten the backtest window, or make the formula smaller",
    )
