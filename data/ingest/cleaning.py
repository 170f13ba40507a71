"""What every batch goes through before it is stored: unfinished bars, repeated rows, order of time.

Nothing is repaired in silence: what is cut or out of order is told, rows that contradict each other
refuse the payload.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ...core.errors import InvalidInputError
from .source import Batch

BARS = "bars"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A batch as it may be stored, and how many rows were cut, repeated, or out of order."""

    batch: Batch
    unfinished: int
    repeated: int
    backwards: int


def cleaned(batch: Batch, key: Sequence[str], *, now: datetime) -> Cleaned:
    """Cut bars that are not over at ``now``, and rows that are there twice with equal values.

    Raises:
        InvalidInputError: when two rows of one key differ.
    """
    frame = pl.from_arrow(batch.table)
    assert isinstance(frame, pl.DataFrame)
    whole = frame.filter(pl.col("available_at") <= now) if batch.kind == BARS else frame
    once = whole.unique(maintain_order=True)
    _require_one_row_a_key(once, key)
    return Cleaned(
        Batch(batch.kind, batch.venue, once.to_arrow(), batch.bar_seconds),
        unfinished=frame.height - whole.height,
        repeated=whole.height - once.height,
        backwards=_backwards(once, key),
    )


def told(counts: Mapping[str, int]) -> list[str]:
    """Word the counts of a whole ingest, those of nothing left out."""
    words = {
        "unfinished": "bars were not over and were cut",
        "repeated": "rows were sent twice with equal values and are stored once",
        "backwards": "rows came with an earlier time than the row before, and are stored in order",
        "absent": "requests found nothing at the source",
        "unasked": "requests were left for another time: the source asks for a pause",
    }
    return [f"{counts[name]} {text}" for name, text in words.items() if counts.get(name)]


def _require_one_row_a_key(frame: pl.DataFrame, key: Sequence[str]) -> None:
    twice = frame.filter(frame.select(key).is_duplicated())
    if twice.height:
        where = ", ".join(f"{name} {twice.item(0, name)}" for name in key)
        raise InvalidInputError(
            f"the payload holds rows of one key with different values: {where}",
            help="nobody can say which is true: fetch it again, or leave the time out",
        )


def _backwards(frame: pl.DataFrame, key: Sequence[str]) -> int:
    who = [name for name in key if name in {"symbol", "asset", "chain", "metric"}]
    step = pl.col("event_at").diff()
    if who:
        step = step.over(who)
    return int(frame.select((step < pl.duration(seconds=0)).sum()).item())
