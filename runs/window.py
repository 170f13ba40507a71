"""Which data a run looks at, in words that are part of its identity."""

from datetime import UTC, datetime, time, timedelta

from ..core.clock import from_text
from ..core.durations import duration_text
from ..core.errors import InvalidInputError
from ..core.nearest import nearest
from ..data.card import DatasetCard
from ..dsl.compile import Compilation
from ..dsl.feeds import by_alias
from ..dsl.strategy import Strategy, Window
from ..engine.holdout import last_day
from .feeds import Cards

GROUPS = frozenset({"sector", "industry", "subindustry"})


def days_of(card: DatasetCard) -> Window:
    """Return the days that a data set has bars of."""
    return Window(from_text(card.start).date(), from_text(card.end).date())


def window_text(strategy: Strategy, cards: Cards) -> str:
    """Return ``start..end`` of the days that are seen; without a window, ``all`` before them.

    What a holdout withholds is not among them. The snapshots of other data sets stand behind it:
    with others, a text is another trial.

    Raises:
        InvalidInputError: when the holdout leaves no day.
    """
    covered = days_of(cards.first)
    start = (strategy.window or covered).start
    text = f"{start}..{last_day(strategy, covered) or covered.end}"
    others = "".join(f" with {snapshot}" for snapshot in cards.other_snapshots)
    return f"{text}{others}" if strategy.window is not None else f"all {text}{others}"


def check_data(compilation: Compilation, cards: Cards) -> None:
    """Refuse data that the strategy cannot run on, before a worker is started.

    Raises:
        InvalidInputError: for another bar length, a field that is not there, or a window outside.
    """
    fields = by_alias(compilation.inputs)
    strategy = compilation.require()
    _check_card(strategy, cards.first, fields.get("", []), "")
    for alias, card in cards.others:
        _check_card(strategy, card, fields[alias], alias)


def _instead(lacking: str, there: tuple[str, ...]) -> str:
    """Say what may stand for a field that is not there."""
    if lacking in GROUPS:
        return (
            "groups come with `alphaforge data import --groups FILE`, or are made of values: "
            "`bucket(ts_std(returns, 7d), 3)`"
        )
    meant = nearest(lacking, there)
    return f"did you mean `{meant}`?" if meant else f"its fields: {', '.join(there)}"


def _check_card(strategy: Strategy, card: DatasetCard, fields: list[str], alias: str) -> None:
    if card.bar_seconds != strategy.bar_seconds:
        raise InvalidInputError(
            f"the strategy counts bars of {duration_text(strategy.bar_seconds)}, dataset "
            f"`{card.name}` has bars of {duration_text(card.bar_seconds)}",
            help=f"write `bar {duration_text(card.bar_seconds)}` into the text's `data`, give a "
            "bare formula that `bar`, or choose a dataset on that grid",
        )
    there = (*card.fields, *card.derived)
    lacking = next((name for name in fields if name not in there), None)
    if lacking is not None:
        said = f", which the text reads as `{alias}.{lacking}`" if alias else ""
        raise InvalidInputError(
            f"dataset `{card.name}` has no field `{lacking}`{said}",
            help=_instead(lacking, there),
            next="import data that has it, or name another data set",
        )
    if strategy.window is not None and not _overlaps(strategy.window, card):
        raise InvalidInputError(
            f"the window {strategy.window.start}..{strategy.window.end} holds no bar of "
            f"`{card.name}`",
            help=f"its bars run from {card.start[:10]} to {card.end[:10]}",
        )


def _overlaps(window: Window, card: DatasetCard) -> bool:
    start = datetime.combine(window.start, time(), UTC)
    stop = datetime.combine(window.end, time(), UTC) + timedelta(days=1)
    return start <= from_text(card.end) and from_text(card.start) < stop
