"""Dense panels out of the lake: only the asked columns and months are read (polars, numpy)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from ..core.clock import from_text
from ..core.errors import InvalidInputError, NotFoundError
from ..core.nearest import nearest
from ..core.panel import Panel
from . import tables
from .card import DatasetCard
from .dense import Grid, Matrix, Scatter
from .derive import derive
from .fields import FAULT, Domain, column, derivable, sources
from .left_out import row_notes, served_notes


def panel_of(
    folder: Path,
    card: DatasetCard,
    fields: Sequence[str],
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Panel:
    """Return the panel of one snapshot.

    Raises:
        NotFoundError: when the dataset neither stores nor can derive a field.
        InvalidInputError: when the window is naive or holds no bar.
    """
    wanted = sorted(set(fields))
    derived = _require_fields(card, wanted)
    stored = set(wanted) - set(derived)
    for name in derived:
        stored |= set(sources(name, card.fields))
    grid = _cut(card, start, end)
    frame = _read(folder, card, grid, ["ts", "symbol", *sorted(stored)])
    left_out = row_notes(_left_out(folder, card, grid)) if card.faults else []
    scatter = Scatter(frame, grid)
    raw = {name: served_matrix(name, frame.get_column(name), scatter) for name in sorted(stored)}
    values = {name: raw[name] if name in raw else derive(name, raw) for name in wanted}
    return Panel(
        dataset=card.name,
        snapshot=card.snapshot,
        bar_seconds=card.bar_seconds,
        times=grid.times(),
        symbols=card.symbols,
        fields=values,
        # Counted from the epoch: where a dataset begins is of no account to any operator.
        first_bar=grid.start // card.bar_seconds,
        derived=frozenset(derived),
        notes=(*left_out, *served_notes(frame, card, grid)),
    )


def bars_before(folder: Path, card: DatasetCard, end: datetime) -> dict[str, int]:
    """Count, by symbol, the bars with a close that open before an instant; no panel is made."""
    stop = _seconds(end)
    month = datetime.fromtimestamp(stop, UTC).strftime("%Y-%m")
    paths = [
        path
        for path in tables.files(folder, card.table_version, card.snapshot)
        if tables.month_of(path) <= month
    ]
    if not paths:
        return {}
    close = pl.col("close")
    lazy = tables.rows(paths, ["ts", "symbol", "close", FAULT]).filter(
        pl.col(FAULT).is_null() & (pl.col("ts") < stop) & close.is_finite() & (close > 0)
    )
    counted = lazy.group_by("symbol").len().collect()
    return dict(zip(counted["symbol"].to_list(), counted["len"].to_list(), strict=True))


def _require_fields(card: DatasetCard, wanted: Sequence[str]) -> tuple[str, ...]:
    can_derive = derivable(card.fields)
    known = (*card.fields, *can_derive)
    for name in wanted:
        if name not in known:
            meant = nearest(name, known)
            there = "fields: " + ", ".join(known)
            raise NotFoundError(
                f"dataset `{card.name}` has no field `{name}`",
                help=f"did you mean `{meant}`? {there}" if meant else there,
                next=f"alphaforge data show {card.name}",
            )
    return tuple(name for name in wanted if name in can_derive)


def _cut(card: DatasetCard, start: datetime | None, end: datetime | None) -> Grid:
    first, last = (int(from_text(text).timestamp()) for text in (card.start, card.end))
    step = card.bar_seconds
    bars = (last - first) // step + 1
    # Bars whose open lies in [start, end): both are rounded up to the grid.
    low = 0 if start is None else max(0, -((first - _seconds(start)) // step))
    high = bars if end is None else min(bars, -((first - _seconds(end)) // step))
    if low >= high:
        raise InvalidInputError(
            f"dataset `{card.name}` has no bar from {start} to {end}",
            help=f"it holds bars from {card.start} to {card.end}",
        )
    return Grid(first + low * step, high - low, step, card.symbols)


def _seconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise InvalidInputError(f"`{instant}` has no zone", help="give an aware instant in UTC")
    # Part of a second moves the edge to the next whole one: bars open on whole seconds.
    return -int(-instant.timestamp() // 1)


def _read(folder: Path, card: DatasetCard, grid: Grid, columns: list[str]) -> pl.DataFrame:
    lazy = _window(folder, card, grid, columns)
    return lazy.filter(pl.col(FAULT).is_null()).select(columns).collect()


def _left_out(folder: Path, card: DatasetCard, grid: Grid) -> pl.DataFrame:
    lazy = _window(folder, card, grid, ["ts"])
    return lazy.filter(pl.col(FAULT).is_not_null()).select(FAULT).collect()


def _window(folder: Path, card: DatasetCard, grid: Grid, columns: list[str]) -> pl.LazyFrame:
    stop = grid.start + grid.bars * grid.bar_seconds
    months = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m") for at in (grid.start, stop - 1)]
    paths = [
        path
        for path in tables.files(folder, card.table_version, card.snapshot)
        if months[0] <= tables.month_of(path) <= months[1]
    ]
    if not paths:
        names = [*columns, FAULT]
        return pl.LazyFrame(schema={name: _DTYPES.get(name, pl.Float64) for name in names})
    return tables.rows(paths, [*columns, FAULT]).filter(
        pl.col("ts").is_between(grid.start, stop, closed="left")
    )


_DTYPES: Mapping[str, type[pl.DataType]] = {
    "ts": pl.Int64,
    "symbol": pl.String,
    FAULT: pl.String,
}


def served_matrix(name: str, values: pl.Series, scatter: Scatter) -> Matrix:
    """Return a column as ``[time, instrument]``, NaN where a cell is out of its domain."""
    if name == "funding_rate":
        # A listed bar without a settlement pays nothing; where there is no bar there is no rate.
        values = values.fill_null(0.0)
    out = scatter.matrix(values)
    domain = column(name).domain
    bad = ~np.isfinite(out)
    if domain is Domain.POSITIVE:
        bad |= out <= 0
    elif domain is Domain.NOT_NEGATIVE:
        bad |= out < 0
    elif domain is Domain.CODE:
        bad |= (out < 0) | (out != np.floor(out))
    out[bad] = np.nan
    return out
