"""Tables of a tear sheet: attribution, the deepest drawdowns, returns by calendar month."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..attribution import PARTS, SIDES
from ..drawdowns import drawdowns_of
from ..grid import DAY_SECONDS, instant_text
from .rows import percent, signed

if TYPE_CHECKING:
    from ..artifacts import Series

Floats = NDArray[np.float64]
DRAWDOWNS_SHOWN = 5
NAMES_SHOWN = 20
PARTS_HEAD = (*(part.capitalize() for part in PARTS), "Net")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of written cells under a head; the first column names the row."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(series: "Series") -> tuple[Table, ...]:
    """Return all tables of a run; one without rows is left out."""
    found = (
        _factors(series),
        _split("By side, % of capital", SIDES, series.gain_by_side / series.capital),
        _symbols(series),
        _drawdowns(series),
        _months(series),
    )
    return tuple(table for table in found if table.rows)


def _factors(series: "Series") -> Table:
    names = (*series.factors, "residual") if series.factors else ()
    rows = tuple(
        (name, percent(float(gain) / series.capital))
        for name, gain in zip(names, series.gain_by_factor, strict=False)
    )
    total = float(series.gain_by_factor.sum()) / series.capital
    more = (("all, from prices", percent(total)),) if rows else ()
    return Table("Gain from prices by factor, % of capital", ("Factor", "Gain"), (*rows, *more))


def _symbols(series: "Series") -> Table:
    parts = series.gain_by_symbol / series.capital
    order = np.argsort(-np.abs(_net(parts)), kind="stable")[:NAMES_SHOWN]
    names = tuple(series.symbols[column] for column in order)
    return _split("By instrument, largest first, % of capital", names, parts[:, order])


def _split(title: str, names: tuple[str, ...], parts: Floats) -> Table:
    """Write a row for each name: what prices gave, what costs took, and what is left."""
    values = np.vstack([parts, _net(parts)])
    rows = tuple(
        (name, *(percent(float(value)) for value in values[:, column]))
        for column, name in enumerate(names)
    )
    return Table(title, ("", *PARTS_HEAD), rows)


def _net(parts: Floats) -> Floats:
    net: Floats = parts[0] - parts[1:].sum(axis=0)
    return net


def _drawdowns(series: "Series") -> Table:
    found = drawdowns_of(series.equity, series.capital)
    deepest = sorted(found, key=lambda fall: -fall.depth)[:DRAWDOWNS_SHOWN]
    rows = tuple(
        (
            percent(fall.depth),
            _end(series, fall.start),
            _end(series, fall.trough),
            _end(series, fall.stop) if fall.is_recovered else "not yet",
            signed(fall.bars * series.bar_seconds / DAY_SECONDS, 1),
        )
        for fall in deepest
    )
    return Table("Deepest drawdowns", ("Depth", "First below", "Lowest", "Made good", "Days"), rows)


def _end(series: "Series", row: int) -> str:
    return instant_text(int(series.times[row]) + series.bar_seconds)


def _months(series: "Series") -> Table:
    """Compound returns by calendar month, UTC, a row for each year."""
    months = series.times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    starts = np.flatnonzero(np.diff(months, prepend=months[0] - 1))
    growth = np.multiply.reduceat(1.0 + series.returns, starts) - 1.0
    by_month = dict(zip(months[starts].tolist(), growth.tolist(), strict=True))
    first = datetime.fromtimestamp(int(series.times[0]), UTC).year
    last = datetime.fromtimestamp(int(series.times[-1]), UTC).year
    rows = []
    for year in range(first, last + 1):
        base = (year - 1970) * 12
        own = [by_month.get(base + month) for month in range(12)]
        whole = float(np.prod([1.0 + value for value in own if value is not None])) - 1.0
        cells = ["" if value is None else percent(value) for value in own]
        rows.append((str(year), *cells, percent(whole)))
    return Table("Returns by month", ("", *MONTHS, "Year"), tuple(rows))
