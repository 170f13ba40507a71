"""Which bars a strategy loads, sees and simulates.

The panel brings the warm-up before the window; ``span_of`` says how much to load. Without a window
the simulation starts where the first decision with a signal is traded.
"""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import InvalidInputError
from ..dsl.facts import deciding_roots, has_unbounded_reach, unique_nodes
from ..dsl.strategy import UNIVERSE, Strategy, Window
from .grid import decision_rows, instant_text
from .holdout import last_day
from .missing import warmups
from .prices import FIELDS_NEEDED

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel


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
    if portfolio.beta_bars is not None and strategy.benchmark == UNIVERSE:
        # Its mean return is of the members of the bar before.
        bars = max(bars, choosing + 1 + portfolio.beta_bars)
    for node in (strategy.signal, portfolio.groups, portfolio.neutral):
        if node is not None:
            own, inside = warmups(node)
            bars = max(bars, own, choosing + inside)
    return bars


def days_of(panel: "Panel") -> Window:
    """Return the days that a panel has bars of."""
    first, last = (datetime.fromtimestamp(int(panel.times[at]), UTC).date() for at in (0, -1))
    return Window(first, last)


def check_panel(strategy: Strategy, panel: "Panel") -> None:
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


def cut_panel(strategy: Strategy, panel: "Panel", covered: Window) -> "Panel":
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


def start_row_of(strategy: Strategy, panel: "Panel", signal: "Matrix") -> int:
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


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _seconds(day: date) -> int:
    return int(_midnight(day).timestamp())
