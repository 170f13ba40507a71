"""DefiLlama: total value locked (TVL) of protocols, from its HTTP API or snapshots of its list.

API after https://api-docs.defillama.com, ``/protocol/SLUG``: ``tvl`` is a list of ``date`` (epoch
seconds) and ``totalLiquidityUSD``, ``chainTvls`` has one such list a chain. The last point is of
the instant of asking: only points on midnight are days.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import cast

import polars as pl

from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch, Step, Wanted
from .metric_rows import DAY_SECONDS, INSTANT, KIND, daily_batch, dated, metric_batch, read_table

NAME = "defillama"
EPOCH = datetime.fromtimestamp(0, UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
_ASKED_AT = ("slug", "tvl", "snapshot_ts")
_NUMBERS = ("tvl", "mcap", "change_1h", "change_1d", "change_7d")


class DefiLlama:
    """The API; ``chain_tvl`` gives a metric a chain, named ``tvl/Ethereum``."""

    name = NAME
    streams: Mapping[str, str] = MappingProxyType({"tvl": KIND, "chain_tvl": KIND})

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Give a request a protocol and stream: it answers with the whole history."""
        for slug in wanted.symbols:
            for stream in wanted.streams:
                yield Step(
                    key=f"{stream}/{slug}",
                    target=f"protocol/{slug}",
                    stream=stream,
                    symbol=slug,
                    start=EPOCH,
                    end=wanted.now,
                    # Each day adds a point, and adapters rewrite the past.
                    final_at=NEVER,
                    overdue_at=wanted.now + timedelta(days=1),
                )

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read the days of a protocol.

        Raises:
            ChangedSchemaError: when the answer has no such lists.
        """
        try:
            answer = json.loads(payload)
            if step.stream == "tvl":
                series = {"tvl": answer["tvl"]}
            else:
                chains = answer["chainTvls"].items()
                series = {f"tvl/{chain}": points["tvl"] for chain, points in chains}
            return [_days(step.symbol, name, points) for name, points in series.items()]
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ChangedSchemaError(
                f"DefiLlama's answer has no list of `{step.stream}`",
                help="the payload is kept; a newer version of AlphaForge may know the layout",
            ) from error


def is_snapshot(columns: Sequence[str]) -> bool:
    """Tell whether a table's columns are those of a snapshot of the list of protocols."""
    return all(name in columns for name in _ASKED_AT)


def read_snapshot(content: bytes) -> list[Batch]:
    """Read a snapshot of the list: what was seen at an instant was known at that instant.

    Raises:
        ChangedSchemaError: when a cell is no number or instant.
    """
    frame = dated(read_table(content), "snapshot_ts").with_columns(asset=pl.col("slug"))
    metrics = [name for name in _NUMBERS if name in frame.columns]
    return [metric_batch(NAME, frame, metrics, lag_seconds=0)]


def _days(slug: str, metric: str, points: Sequence[Mapping[str, float]]) -> Batch:
    dates = [int(cast("int | str", point["date"])) for point in points]
    values = [float(point["totalLiquidityUSD"]) for point in points]
    frame = pl.DataFrame(
        {"date": dates, metric: values}, schema={"date": pl.Int64, metric: pl.Float64}
    )
    days = frame.filter(pl.col("date") % DAY_SECONDS == 0).with_columns(
        asset=pl.lit(slug), event_at=(pl.col("date") * 1_000_000).cast(INSTANT)
    )
    return daily_batch(NAME, days, [metric])
