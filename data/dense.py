"""From canonical rows to dense matrices, and the hash of their content (numpy, polars).

The snapshot of a dataset is a hash over its dense fields and over the rows that panels leave out:
the same content gives the same snapshot on every machine, whatever the order of the file.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..core.durations import duration_text
from ..core.errors import BrokenError, LimitError
from ..core.instruments import InstrumentInfo
from .fields import FAULT
from .normal import Bars

CELLS_MAX = 200_000_000
_TAG = b"alphaforge.snapshot.v1\n"
_HEX_DIGITS = 32

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where rows go: bar opens from ``start`` on, ``bars`` of them, and symbols ascending."""

    start: int
    bars: int
    bar_seconds: int
    symbols: tuple[str, ...]

    @property
    def last(self) -> int:
        """Return the open of the last bar."""
        return self.start + (self.bars - 1) * self.bar_seconds

    def times(self) -> NDArray[np.int64]:
        """Return the bar opens in epoch seconds."""
        return self.start + np.arange(self.bars, dtype=np.int64) * self.bar_seconds


class Scatter:
    """Rows (``ts`` in epoch seconds, ``symbol``) with their cells of a grid worked out once."""

    def __init__(self, rows: pl.DataFrame, grid: Grid) -> None:
        """Work out the cell of each row."""
        time = (rows.get_column("ts").to_numpy() - grid.start) // grid.bar_seconds
        code = rows.get_column("symbol").cast(pl.Enum(grid.symbols), strict=False).to_physical()
        if code.null_count():
            raise BrokenError("a stored row names an unknown symbol", help="import the file again")
        self.shape = (grid.bars, len(grid.symbols))
        self._cells = time * len(grid.symbols) + code.to_numpy()

    def matrix(self, values: pl.Series) -> Matrix:
        """Return a column as ``[time, instrument]``, NaN where there is no row or no value."""
        out = np.full(self.shape, np.nan)
        out.reshape(-1)[self._cells] = values.fill_null(float("nan")).to_numpy()
        return out

    def listed(self) -> NDArray[np.bool_]:
        """Return where there is a row."""
        out = np.zeros(self.shape, dtype=np.bool_)
        out.reshape(-1)[self._cells] = True
        return out


def grid_of(rows: pl.DataFrame, bar_seconds: int) -> Grid:
    """Return the smallest grid that holds the rows.

    Raises:
        LimitError: when it has more cells than a panel may.
    """
    first, last = rows.select(pl.min("ts").alias("first"), pl.max("ts").alias("last")).row(0)
    symbols = tuple(sorted(rows.get_column("symbol").unique()))
    bars = (last - first) // bar_seconds + 1
    if bars * len(symbols) > CELLS_MAX:
        raise LimitError(
            f"{bars} bars of {duration_text(bar_seconds)} for {len(symbols)} symbols are too many",
            help="is one time far from the others? cut the file by time or by symbol",
        )
    return Grid(int(first), int(bars), bar_seconds, symbols)


def snapshot_of(bars: Bars, grid: Grid, instruments: tuple[InstrumentInfo, ...] = ()) -> str:
    """Return ``snap_`` and the hash of the content.

    What was said of the instruments is part of it: panels of several venues are joined by it.
    """
    served = bars.served()
    scatter = Scatter(served, grid)
    digest = hashlib.sha256(_TAG)
    head = [grid.start, grid.bars, grid.bar_seconds, grid.symbols, bars.fields]
    digest.update(json.dumps(head, separators=(",", ":")).encode())
    digest.update(np.packbits(scatter.listed()).tobytes())
    for name in bars.fields:
        digest.update(snapshot_bytes(scatter.matrix(served.get_column(name))))
    _add_left_out(digest, bars)
    if bars.labels or instruments:
        said = [bars.labels, [asdict(info) for info in instruments]]
        digest.update(json.dumps(said, separators=(",", ":"), sort_keys=True).encode())
    return f"snap_{digest.hexdigest()[:_HEX_DIGITS]}"


def _add_left_out(digest: "hashlib._Hash", bars: Bars) -> None:
    left_out = bars.frame.drop_nulls(FAULT)
    if left_out.height == 0:
        return
    for name in ("symbol", FAULT):
        digest.update("\n".join(left_out.get_column(name)).encode())
    digest.update(left_out.get_column("ts").to_numpy().astype("<i8").tobytes())
    for name in bars.fields:
        values = left_out.get_column(name).fill_null(float("nan")).to_numpy()
        digest.update(snapshot_bytes(values))


def snapshot_bytes(values: Matrix) -> bytes:
    """Return the bytes of a matrix that are hashed."""
    # One bit pattern for NaN, one byte order: the hash must not see the machine.
    canonical = np.where(np.isnan(values), np.nan, values)
    return np.ascontiguousarray(canonical, dtype="<f8").tobytes()
