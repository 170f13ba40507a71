"""Which of the rows that came in say something new: a pure function of frames (polars).

1. Rows that say the same twice count once.
2. A row is known when it equals the latest revision of its key, or any that the same payload gave:
   reading a payload again, in whatever order, changes nothing.
3. The rest are first rows of their keys, known when their source says, or revisions, known from
   the instant of ingestion on and never before what they revise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from .columns import INSTANT, PAYLOAD, REVISION

_ROW, _LATEST, _PRIOR = "_row", "_latest", "_prior"


@dataclass(frozen=True, slots=True)
class News:
    """What is to be written, and how many rows were new, revised and known."""

    rows: pl.DataFrame
    inserted: int
    revised: int
    unchanged: int


def news(
    incoming: pl.DataFrame,
    stored: pl.DataFrame,
    *,
    key: Sequence[str],
    values: Sequence[str],
    now: datetime,
) -> News:
    """Hold rows against what is stored; both have ``_payload``, ``stored`` also ``_revision``."""
    said = [*key, *values]
    single = incoming.unique(said, keep="first", maintain_order=True).with_row_index(_ROW)
    latest = stored.group_by(key).agg(
        pl.col(REVISION).max().alias(_LATEST), pl.col("available_at").max().alias(_PRIOR)
    )
    payload = incoming.get_column(PAYLOAD).first() if incoming.height else ""
    known = stored.join(latest, on=key, how="left").filter(
        (pl.col(REVISION) == pl.col(_LATEST)) | (pl.col(PAYLOAD) == payload)
    )
    fresh = single.join(known.select(said), on=said, how="anti", nulls_equal=True)
    dated = _dated(fresh.join(latest, on=key, how="left"), key, now)
    inserted = dated.filter(pl.col(REVISION) == 0).height
    return News(
        rows=dated,
        inserted=inserted,
        revised=dated.height - inserted,
        unchanged=incoming.height - dated.height,
    )


def _dated(fresh: pl.DataFrame, key: Sequence[str], now: datetime) -> pl.DataFrame:
    """Number the revisions, and date those that are not the first of their key."""
    place = pl.int_range(pl.len(), dtype=pl.Int32).over(key)
    base = pl.col(_LATEST).fill_null(-1) + 1
    given = pl.col("available_at")
    prior = pl.coalesce(_PRIOR, given.first().over(key))
    revised = pl.max_horizontal(given, prior, pl.lit(now, INSTANT)).cum_max().over(key)
    return (
        fresh.sort(_ROW)
        .with_columns((base + place).cast(pl.Int32).alias(REVISION))
        .with_columns(
            pl.when(pl.col(REVISION) == 0).then(given).otherwise(revised).alias("available_at")
        )
        .drop(_ROW, _LATEST, _PRIOR)
    )
