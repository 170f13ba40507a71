"""The bar length of a file, read off the distances between its bars (polars)."""

import polars as pl

from ..core.durations import duration_text
from ..core.errors import InvalidInputError

# This many bars in a row at another distance are another bar length, not gaps.
_RUN_BARS_MAX = 24
_DISTANCES_MIN = 3
# More rows off the grid than this are no stray rows: the file means another grid.
OFF_GRID_SHARE_MAX = 0.01


def bar_seconds_of(frame: pl.DataFrame) -> int:
    """Return the bar length of rows sorted by symbol and ``ts``.

    Raises:
        InvalidInputError: when no symbol has two bars, or bars of several lengths are mixed.
    """
    steps = (
        frame.lazy()
        .select("symbol", "ts")
        .unique(maintain_order=True)
        .with_columns(pl.col("ts").diff().over("symbol").alias("step"))
        .drop_nulls("step")
        .collect()
    )
    if steps.height == 0:
        raise InvalidInputError(
            "no symbol has two bars, so the bar length is unknown",
            help="give a file with at least two bars of one symbol",
        )
    counts = steps.group_by("step").len().sort(["len", "step"], descending=[True, False])
    bar_seconds = int(counts.item(0, "step"))
    _require_one_length(steps, bar_seconds)
    _require_grid(frame, bar_seconds)
    return bar_seconds


def _require_one_length(steps: pl.DataFrame, bar_seconds: int) -> None:
    runs = (
        steps.with_columns(pl.struct("symbol", "step").rle_id().alias("run"))
        .group_by("run")
        .agg(pl.first("symbol"), pl.first("step"), pl.len().alias("bars"))
    )
    totals = steps.group_by("symbol").agg(pl.len().alias("total"))
    mixed = (
        runs.join(totals, on="symbol")
        .filter(
            (pl.col("step") != bar_seconds)
            & (
                (pl.col("bars") >= _RUN_BARS_MAX)
                | ((pl.col("bars") == pl.col("total")) & (pl.col("bars") >= _DISTANCES_MIN))
            )
        )
        .sort(["symbol", "step"])
    )
    if mixed.height:
        other = duration_text(int(mixed.item(0, "step")))
        raise InvalidInputError(
            f"bar lengths are mixed: most bars are {duration_text(bar_seconds)}, "
            f"`{mixed.item(0, 'symbol')}` has bars of {other}",
            help="split the file by bar length and import each part under its own name",
        )


def _require_grid(frame: pl.DataFrame, bar_seconds: int) -> None:
    off = frame.filter(pl.col("ts") % bar_seconds != 0)
    if off.height <= frame.height * OFF_GRID_SHARE_MAX:
        return
    example = pl.from_epoch(off.get_column("ts").head(1), "s")[0]
    raise InvalidInputError(
        f"{off.height} of {frame.height} bars do not open on the UTC grid of "
        f"{duration_text(bar_seconds)}; the first is `{off.item(0, 'symbol')}` at {example}",
        help="`ts` is the bar's OPEN in UTC: shift bar-close times, or resample at the source",
    )
