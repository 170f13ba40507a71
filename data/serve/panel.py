"""From the rows that an engine read to the dense panel of a plan (polars, numpy)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...core.errors import InvalidInputError
from ...core.panel import Panel
from ..card import DatasetCard
from ..dense import Grid, Matrix, Scatter, snapshot_bytes
from ..derive import derive
from ..fault_rules import marked
from ..fields import FAULT, derivable, sources
from ..left_out import row_notes, served_notes
from ..normal import sorted_rows
from ..panels import served_matrix
from ..records.grid import part_of
from .backend import Backend
from .plan import SNAPSHOT, Plan
from .resample import resampled

_HEX_DIGITS = 32


def panel(plan: Plan, backend: Backend) -> Panel:
    """Return the panel of a plan, the same bytes whichever engine reads.

    Raises:
        InvalidInputError: when no bar of the window can be served.
    """
    frame = _rows(plan, backend)
    faults = frame.filter(pl.col(FAULT).is_not_null())
    frame = frame.filter(pl.col(FAULT).is_null()).drop(FAULT)
    if plan.is_records and frame.height == 0:
        raise InvalidInputError(
            f"no bar of `{plan.card.name}` in the window was known then", help="widen the window"
        )
    card, grid = _card(plan, frame), _grid(plan, frame)
    scatter = Scatter(frame, grid)
    there = [name for name in plan.fields if name in frame.columns]
    raw = {name: served_matrix(name, frame.get_column(name), scatter) for name in there}
    notes = [*(row_notes(faults) if faults.height else []), *served_notes(frame, card, grid)]
    bars = grid.bars
    if plan.per_bar > 1:
        raw, bars, more = _made(plan, grid, raw, scatter.listed())
        notes += more
    values = {name: _value(name, raw, (bars, len(card.symbols))) for name in plan.request.fields}
    absent = sorted(set(values) - set(raw) - set(derivable(tuple(raw))))
    notes += [f"no record says `{name}` in the window" for name in absent]
    times = grid.start + np.arange(bars, dtype=np.int64) * plan.bar_seconds
    found = Panel(
        dataset=card.name,
        snapshot=card.snapshot,
        bar_seconds=plan.bar_seconds,
        times=times,
        symbols=card.symbols,
        fields={name: values[name] for name in sorted(values)},
        first_bar=grid.start // plan.bar_seconds,
        derived=frozenset(set(values) - set(raw) - set(absent)),
        notes=tuple(notes),
    )
    return replace(found, snapshot=_name(found)) if plan.is_records else found


def _rows(plan: Plan, backend: Backend) -> pl.DataFrame:
    """Return ``ts``, ``symbol``, fields and ``_fault``: stored so, or laid from records."""
    frames = {read.kind: backend.rows(read) for read in plan.reads}
    if SNAPSHOT in frames:
        return frames[SNAPSHOT]
    frame = frames.pop("bars").rename({"event_at": "ts"})
    for kind, rows in frames.items():
        part = part_of(kind, [*rows.columns])(rows.lazy(), plan.stored_seconds).collect()
        frame = frame.join(part, on=["symbol", "ts"], how="left")
    frame = frame.with_columns(
        pl.col("ts").dt.epoch("s"), pl.exclude("ts", "symbol").cast(pl.Float64)
    )
    frame = frame.filter(pl.col("ts").is_between(plan.start, plan.stop, closed="left"))
    # A column without a value is none: what can be computed in its place is.
    frame = frame.select(
        column
        for column in frame
        if column.name in {"ts", "symbol"} or column.null_count() < frame.height
    )
    return marked(sorted_rows(frame), plan.stored_seconds)


def _card(plan: Plan, frame: pl.DataFrame) -> DatasetCard:
    """Return the card of what is shown: the symbols asked for, or those that records hold."""
    card = plan.card
    if plan.is_records:
        symbols = frame.get_column("symbol").unique().to_list()
        return replace(card, symbols=tuple(sorted({*symbols, *plan.request.symbols})))
    if not plan.request.symbols:
        return card
    infos = tuple(info for info in card.infos() if info.symbol in plan.request.symbols)
    return replace(card, symbols=tuple(sorted(set(plan.request.symbols))), instruments=infos)


def _grid(plan: Plan, frame: pl.DataFrame) -> Grid:
    """Return the grid of stored bars, on whole bars of the panel."""
    start, stop = plan.start, plan.stop
    if plan.is_records:
        first, last = frame.select(pl.min("ts").alias("first"), pl.max("ts").alias("last")).row(0)
        start = first // plan.bar_seconds * plan.bar_seconds
        stop = (last // plan.bar_seconds + 1) * plan.bar_seconds
    step = plan.stored_seconds
    symbols = _card(plan, frame).symbols
    return Grid(start, (stop - start) // step, step, symbols)


def _made(
    plan: Plan, grid: Grid, raw: Mapping[str, Matrix], listed: NDArray[np.bool_]
) -> tuple[dict[str, Matrix], int, list[str]]:
    """Return longer bars, how many, and what must be said of them."""
    made, is_there, thin = resampled(raw, listed, plan.per_bar)
    bars = len(is_there)
    notes = [f"{thin} bars were made of fewer stored bars than they hold"] if thin else []
    last = grid.last if plan.is_records else min(grid.last, plan.last)
    if plan.is_records:
        seen = np.flatnonzero(listed.any(axis=1))
        last = grid.start + int(seen[-1]) * grid.bar_seconds
    if grid.start + bars * plan.bar_seconds > last + plan.stored_seconds:
        bars -= 1
        notes.append("the last bar is left out: it was not over")
    parts = listed.reshape(-1, plan.per_bar, listed.shape[1])[:bars]
    open_ = int((parts.any(axis=1) & ~is_there[:bars]).sum())
    if open_:
        notes.append(f"{open_} bars are left out: the stored bar at their end is missing")
    if bars == 0:
        raise InvalidInputError(
            f"no whole bar of `{plan.card.name}` lies in the window", help="widen it"
        )
    return {name: values[:bars] for name, values in made.items()}, bars, notes


def _value(name: str, raw: Mapping[str, Matrix], shape: tuple[int, int]) -> Matrix:
    if name in raw:
        return raw[name]
    there = tuple(raw)
    if name not in derivable(there):
        return np.full(shape, np.nan)
    return derive(name, {need: raw[need] for need in sources(name, there)})


def _name(found: Panel) -> str:
    """Return ``asof_`` and the hash of the content: equal panels have equal names."""
    head = [found.dataset, found.bar_seconds, found.first_bar, found.symbols, sorted(found.fields)]
    digest = hashlib.sha256(b"alphaforge.asof.v1\n" + json.dumps(head).encode())
    for name in sorted(found.fields):
        digest.update(snapshot_bytes(found.fields[name]))
    return f"asof_{digest.hexdigest()[:_HEX_DIGITS]}"
