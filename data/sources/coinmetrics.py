"""Coin Metrics: daily metrics of assets, from its HTTP API or its CSV files.

API after https://docs.coinmetrics.io/api/v4, ``/timeseries/asset-metrics``: rows of ``asset``,
``time`` and a text a metric; ``next_page_token`` asks for more. Assets are in lower case.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

import polars as pl

from ...core.errors import InvalidInputError
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch, Step, Wanted
from .metric_rows import KIND, daily_batch, dated, read_table

NAME = "coinmetrics"
TARGET = "timeseries/asset-metrics"
PAGE_ROWS = 10_000
# What the community may ask for, and its files hold.
METRICS = (
    *("PriceUSD", "PriceBTC", "ReferenceRate", "ReferenceRateUSD"),
    *("CapMrktCurUSD", "CapRealUSD", "CapMVRVCur", "AdrActCnt", "AdrBalCnt"),
    *("AdrBalUSD1KCnt", "AdrBalUSD10KCnt", "TxCnt", "TxTfrCnt"),
    *("TxTfrValAdjUSD", "TxTfrValMedUSD", "TxTfrValMeanUSD"),
    *("SplyCur", "SplyAct30d", "SplyAct1yr", "SplyFF", "SER"),
    *("VelCur1yr", "NVTAdj", "NVTAdj90", "VtyDayRet30d", "HashRate", "FeeTotNtv"),
)
# The vendor corrects its last weeks; what is older is taken as final.
REVISED_DAYS = 30
_TIMES = ("time", "date")
_NEXT = "next_page_token"


class CoinMetrics:
    """The API; each metric is a stream of its own name."""

    name = NAME
    streams: Mapping[str, str] = MappingProxyType(dict.fromkeys(METRICS, KIND))

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Give a request an asset and year."""
        metrics = ",".join(wanted.streams)
        which = sha256(metrics.encode()).hexdigest()[:12]
        edge = min(wanted.end, wanted.now)
        for asset in dict.fromkeys(symbol.lower() for symbol in wanted.symbols):
            for year in range(wanted.start.year, edge.year + 1):
                start = datetime(year, 1, 1, tzinfo=UTC)
                end = datetime(year + 1, 1, 1, tzinfo=UTC)
                if start >= edge:
                    continue
                yield Step(
                    key=f"{asset}/{year}/{which}",
                    target=TARGET,
                    stream=metrics,
                    symbol=asset,
                    start=start,
                    end=end,
                    final_at=end + timedelta(days=REVISED_DAYS),
                    overdue_at=end + timedelta(days=REVISED_DAYS),
                    query=(
                        ("assets", asset),
                        ("metrics", metrics),
                        ("frequency", "1d"),
                        ("start_time", f"{start:%Y-%m-%d}"),
                        ("end_time", f"{year}-12-31"),
                        ("page_size", str(PAGE_ROWS)),
                        ("ignore_unsupported_errors", "true"),
                        ("ignore_forbidden_errors", "true"),
                    ),
                )

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read a page of rows.

        Raises:
            ChangedSchemaError: when it is none, or of another asset than was asked for.
        """
        rows = [row for row in _page(payload)["data"] if isinstance(row, dict)]
        if any("asset" not in row or "time" not in row for row in rows):
            raise _changed("a row without `asset` or `time`")
        found = {name for row in rows for name in row} - {"asset", "time"}
        metrics = [name for name in step.stream.split(",") if name in found]
        if not metrics:
            if rows:
                raise _changed("rows without one of the metrics")
            return []
        schema = dict.fromkeys(("asset", "time", *metrics), pl.String)
        texts = [{name: _text(row.get(name)) for name in schema} for row in rows]
        frame = dated(pl.DataFrame(texts, schema=schema), "time")
        if set(frame.get_column("asset")) != {step.symbol}:
            raise _changed("rows of another asset than was asked for")
        return [daily_batch(NAME, frame, metrics)]

    def following(self, step: Step, payload: bytes) -> Sequence[Step]:
        """Ask for the next page, when there is one."""
        token = _page(payload).get(_NEXT)
        if not token:
            return ()
        asked = {**dict(step.query), _NEXT: str(token)}
        key = f"{step.key.partition('+')[0]}+{token}"
        if key == step.key:
            raise _changed("a page that names itself as the next")
        return (replace(step, key=key, query=tuple(asked.items())),)


def is_coinmetrics(columns: Sequence[str]) -> bool:
    """Tell whether a table's columns are those of these files."""
    return any(name in columns for name in _TIMES) and any(name in columns for name in METRICS)


def read_coinmetrics(content: bytes, asset: str) -> list[Batch]:
    """Read a file of daily metrics; ``asset`` is meant where it has no such column.

    Raises:
        InvalidInputError: when nothing says which asset it is of.
        ChangedSchemaError: when a cell is no number or instant.
    """
    frame = read_table(content)
    time = next(name for name in _TIMES if name in frame.columns)
    if "asset" not in frame.columns:
        if not asset:
            raise InvalidInputError(
                "the file does not say which asset it is of", help="add `--symbols btc`"
            )
        frame = frame.with_columns(asset=pl.lit(asset))
    metrics = [name for name in frame.columns if name not in {"asset", time}]
    whole = dated(frame, time).with_columns(pl.col("asset").str.to_lowercase())
    if (whole.get_column("event_at") != whole.get_column("event_at").dt.truncate("1d")).any():
        raise InvalidInputError(
            "the file's rows are no days", help="take the file of frequency 1d: others have no lag"
        )
    return [daily_batch(NAME, whole, metrics)]


def _page(payload: bytes) -> dict[str, list[object]]:
    try:
        page = json.loads(payload)
    except ValueError as error:
        raise _changed("no JSON") from error
    if not isinstance(page, dict) or not isinstance(page.get("data"), list):
        raise _changed("an answer without `data`")
    return page


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)


def _changed(what: str) -> ChangedSchemaError:
    return ChangedSchemaError(
        f"Coin Metrics sent {what}",
        help="the payload is kept; a newer version of AlphaForge may know the layout",
    )
