"""What a worker loads: the texts again, held against what the server meant, and their panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.errors import BrokenError
from ..data.lake import Lake
from ..dsl.catalogue import Catalogue
from ..dsl.compile import Compilation, compile_text
from ..dsl.strategy import Window
from .engine import engine_of
from .job import Job
from .window import days_of

if TYPE_CHECKING:
    from ..core.panel import Panel
    from .feeds import Cards


@dataclass(frozen=True, slots=True)
class Loaded:
    """Cards, and one panel that holds the bars of all strategies with their warm-up."""

    lake: Lake
    cards: "Cards"
    panel: "Panel"
    covered: Window

    def before(self, opened: int) -> Mapping[str, int]:
        """Count, by symbol, the bars that open before an instant of epoch seconds."""
        card = self.cards.first
        instant = datetime.fromtimestamp(opened, UTC)
        return self.lake.bars_before(card.name, instant, snapshot=card.snapshot)


def compiled(job: Job, catalogue: Catalogue) -> Compilation:
    """Compile a job's text.

    Raises:
        BrokenError: when it, or the engine, is not what the server took it for.
    """
    made = compile_text(job.text, catalogue, bar_seconds=job.bar_seconds)
    strategy = made.require()
    if made.strategy_fingerprint != job.strategy_fingerprint:
        raise BrokenError(
            "the worker reads the text otherwise than the server did",
            help="restart the server: its packs or its language have changed",
        )
    if engine_of(strategy) != job.engine and job.expected:
        raise BrokenError(
            "the engine has changed since this run, so no sheet of its figures can be drawn",
            help="run the text again: under this engine it is a run of its own",
        )
    if engine_of(strategy) != job.engine:
        raise BrokenError(
            "the worker's engine is not the server's",
            help="restart the server: the engine has changed",
        )
    return made


def cards_for(job: Job, made: Compilation, lake: Lake) -> "Cards":
    """Return the cards of a job's snapshots."""
    from .feeds import Cards

    kept = {alias: lake.card(name, snapshot=at) for alias, name, at in job.sources}
    others = tuple((alias, kept[alias]) for alias, _ in made.require().sources)
    return Cards(lake.card(job.dataset, snapshot=job.snapshot), others)


def loaded(job: Job, texts: Sequence[Compilation], clock: Clock) -> Loaded:
    """Load what texts of one data slice read: from the earliest first bar to the latest last."""
    # Opened here: the worker's process is the one that may be heavy.
    from ..engine.backtest import span_of
    from .feeds import feeds_of

    lake = Lake(Path(job.lake), clock)
    cards = cards_for(job, texts[0], lake)
    covered = days_of(cards.first)
    spans = [span_of(made.require(), covered) for made in texts]
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    start = None if None in starts else min(at for at in starts if at is not None)
    end = None if None in ends else max(at for at in ends if at is not None)
    traded, others = feeds_of(cards, *texts)
    panel = lake.joined(traded, others, start=start, end=end)
    return Loaded(lake, cards, panel, covered)
