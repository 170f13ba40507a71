"""Bars out of shorter bars (numpy): the same bytes whichever engine read the rows.

1. A bar is there where its last stored bar is: without it nobody knows the close. That is true
   of each bar by itself, so no cell depends on where a window begins or ends.
2. ``first`` and ``last`` take the first and last cell that holds a number, ``max`` and ``min``
   pass over missing cells.
3. ``sum`` adds in order of time; where a stored bar lacks the number, so does the sum.
4. ``mean`` weighs by the volume.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..dense import Matrix

_FIRST = ("open", "mark_open", "index_open", "mark_open_8h")
_SUM = (
    "volume",
    "quote_volume",
    "turnover",
    "trades",
    "taker_buy_volume",
    "taker_sell_volume",
    "taker_buy_quote_volume",
    "funding_rate",
)
HOW = {
    **dict.fromkeys(_FIRST, "first"),
    **dict.fromkeys(_SUM, "sum"),
    "high": "max",
    "low": "min",
    "vwap": "mean",
}


def how_of(field: str) -> str:
    """Return how a field's cells become one; what is a state is what it was last."""
    return HOW.get(field, "last")


def resampled(
    fields: Mapping[str, Matrix], listed: NDArray[np.bool_], per_bar: int
) -> tuple[dict[str, Matrix], NDArray[np.bool_], int]:
    """Return fields of bars that hold ``per_bar`` stored ones, where they are, and the thin ones.

    ``[time, instrument]``, the first row at a bar's open and the count of rows whole bars.
    ``vwap`` needs ``volume``. Thin bars are those that were made of fewer stored bars.
    """
    parts = listed.reshape(-1, per_bar, listed.shape[1])
    is_there = parts[:, -1]
    thin = int((is_there & (parts.sum(axis=1) < per_bar)).sum())
    out = {}
    for name, values in fields.items():
        cells = values.reshape(-1, per_bar, values.shape[1])
        weights = fields["volume"].reshape(cells.shape) if how_of(name) == "mean" else cells
        made = _one(cells, parts, weights, how_of(name))
        out[name] = np.where(is_there, made, np.nan)
    return out, is_there, thin


def _one(cells: Matrix, listed: NDArray[np.bool_], weights: Matrix, how: str) -> Matrix:
    steps = range(cells.shape[1])
    if how == "sum":
        return _sum(cells, listed)
    if how == "mean":
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = _sum(cells * weights, listed & ~(weights == 0)) / _sum(weights, listed)
        return np.where(np.isfinite(mean), mean, np.nan)
    out = np.full((cells.shape[0], cells.shape[2]), np.nan)
    for step in steps:
        cell = cells[:, step]
        if how == "first":
            out = np.where(np.isnan(out), cell, out)
        elif how == "last":
            out = np.where(np.isnan(cell), out, cell)
        else:
            out = np.fmax(out, cell) if how == "max" else np.fmin(out, cell)
    return out


def _sum(cells: Matrix, listed: NDArray[np.bool_]) -> Matrix:
    out = np.zeros((cells.shape[0], cells.shape[2]))
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(cells.shape[1]):
            out = out + np.where(listed[:, step], cells[:, step], 0.0)
    return np.where(np.isfinite(out), out, np.nan)
