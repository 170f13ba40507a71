"""Which bars a gateway process replays; a range that was cut short is gone on with."""

from dataclasses import dataclass
from datetime import datetime

from ..execution.ledger import put_mark
from ..execution.market import Replay
from ..execution.parts import Parts

BARS_DEFAULT = 24


@dataclass(frozen=True, slots=True)
class Span:
    """What the command says of the bars; without a start, an unfinished range goes on."""

    start: datetime | None = None
    bars: int = BARS_DEFAULT
    is_once: bool = False  # end after the first bar that trades a decision


def bars_of(span: Span, replay: Replay, parts: Parts) -> list[int]:
    """Return the opens of the bars to replay, and remember the range."""
    step = replay.panel.bar_seconds
    deployment = parts.deployment.id
    done = parts.ledger.mark(f"checkpoint:{deployment}")
    if span.start is not None:
        first = int(span.start.timestamp()) // step * step
        last = first + span.bars * step
    else:
        kept = parts.ledger.mark(f"replay:{deployment}")
        first, last = (int(text) for text in kept.split("..")) if kept else (0, 0)
        if done is not None and int(done) + step >= last:
            first = int(done) + step
            last = first + span.bars * step
        elif not kept:
            last = int(replay.panel.times[-1]) + step
            first = last - span.bars * step
    replay.row_of(first)
    last = min(last, int(replay.panel.times[-1]) + step)
    with parts.ledger.write(parts.lease) as writing:
        put_mark(writing, f"replay:{deployment}", f"{first}..{last}")
    bars = list(range(first, last, step))
    return _first_decision(bars, parts) if span.is_once else bars


def _first_decision(bars: list[int], parts: Parts) -> list[int]:
    for place, bar in enumerate(bars):
        if parts.deployment.pace.signal_bar(bar) is not None:
            return bars[: place + 1]
    return bars
