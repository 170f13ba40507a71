"""Rows that no panel may serve, each with the one rule it breaks; the row itself stays (polars).

A row is judged alone first (grid, prices, order of prices), then among the rows of its bar: equal
rows count once, rows that contradict each other are all left out, since no one can say which is
true.
"""

import polars as pl

from .fields import FAULT, PRICES


def marked(frame: pl.DataFrame, bar_seconds: int) -> pl.DataFrame:
    """Return the rows with ``_fault``: the rule a row breaks, or null for a row that is served."""
    frame = frame.with_columns(_alone(frame, bar_seconds).alias(FAULT))
    key = ["symbol", "ts", FAULT]
    bar_rows = pl.len().over(key)
    if frame.select((bar_rows > 1).any()).item():
        frame = frame.with_columns(
            pl.when(pl.col(FAULT).is_not_null())
            .then(pl.col(FAULT))
            .otherwise(_among(frame, key))
            .alias(FAULT)
        )
    return frame


def counted(frame: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """Count the rows of each rule, rules ascending."""
    counts = frame.drop_nulls(FAULT).group_by(FAULT).len().sort(FAULT)
    return tuple((str(rule), int(count)) for rule, count in counts.iter_rows())


def _alone(frame: pl.DataFrame, bar_seconds: int) -> pl.Expr:
    rules = [("off_grid", pl.col("ts") % bar_seconds != 0)]
    prices = [pl.col(name) for name in PRICES if name in frame.columns]
    if prices:
        missing = pl.any_horizontal([cell.is_null() | ~cell.is_finite() for cell in prices])
        rules.append(("price_missing", missing))
        not_positive = pl.any_horizontal([cell <= 0 for cell in prices])
        rules.append(("price_not_positive", not_positive))
    order = []
    if "high" in frame.columns:
        order += [pl.col("high") < cell for cell in prices]
    if "low" in frame.columns:
        order += [pl.col("low") > cell for cell in prices]
    if order:
        rules.append(("ohlc_order", pl.any_horizontal(order)))
    fault = pl.lit(None, dtype=pl.String)
    # From the last to the first: the first rule that fits a row names its fault.
    for name, fits in reversed(rules):
        fault = pl.when(fits).then(pl.lit(name)).otherwise(fault)
    return fault


def _among(frame: pl.DataFrame, key: list[str]) -> pl.Expr:
    values = [name for name in frame.columns if name not in key]
    whole = pl.struct(values) if values else pl.lit(0)
    is_same = (whole.rank("dense").over(key).max().over(key)) == 1
    nth = pl.int_range(pl.len()).over(key)
    return (
        pl.when(pl.len().over(key) == 1)
        .then(pl.lit(None, dtype=pl.String))
        .when(~is_same)
        .then(pl.lit("duplicate_conflict"))
        .when(nth > 0)
        .then(pl.lit("duplicate"))
        .otherwise(pl.lit(None, dtype=pl.String))
    )
