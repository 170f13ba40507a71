"""Steps of windows and of rows in numbagg, bottleneck, pandas and polars; runs in the peers' venv.

Matrices are ``[instrument, time]`` for numbagg and bottleneck, which are fastest along the last
axis; pandas and polars have a frame with a column an instrument. Windows are strict everywhere.
What a library has no compiled call for is put together from its own windows where that is quick,
also where such sums lose digits, and is left to the others elsewhere.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import bottleneck as bn
import numbagg
import numpy as np
import pandas as pd
import polars as pl

Matrix = np.ndarray
Step = dict[str, Any]


@cache
def _clock(shape: tuple[int, int]) -> Matrix:
    return np.broadcast_to(np.arange(shape[1], dtype=np.float64), shape).copy()


def _windowed(x: Matrix) -> Matrix:
    return _clock(x.shape)


def _nb(move: Callable[..., Matrix]) -> Callable[..., Matrix]:
    """Make a step of a window of numbagg, of one series or two."""
    return lambda step, *x: move(*x, window=step["bars"], min_count=step["bars"])


def _faded(total: Callable[[Matrix, int], Matrix]) -> Callable[..., Matrix]:
    """Make a linear decay of sums: of the values, and of the values by their bars."""

    def faded(step: Step, x: Matrix) -> Matrix:
        bars, clock = step["bars"], _windowed(x)
        return (total(x * clock, bars) - (clock - bars) * total(x, bars)) / (bars * (bars + 1) / 2)

    return faded


NUMBAGG: dict[str, Callable[..., Matrix]] = {
    "ts_mean": _nb(numbagg.move_mean),
    "ts_sum": _nb(numbagg.move_sum),
    "ts_std": _nb(numbagg.move_std),
    "ts_corr": _nb(numbagg.move_corr),
    "ts_cov": _nb(numbagg.move_cov),
    "ts_slope": lambda step, x: (
        _nb(numbagg.move_cov)(step, x, _windowed(x)) / (step["bars"] * (step["bars"] + 1) / 12)
    ),
    "ts_slope_r2": lambda step, x: _nb(numbagg.move_corr)(step, x, _windowed(x)) ** 2,
    "decay_linear": _faded(lambda x, bars: numbagg.move_sum(x, window=bars, min_count=bars)),
}


def _bn_cov(x: Matrix, y: Matrix, bars: int) -> Matrix:
    return bn.move_mean(x * y, bars) - bn.move_mean(x, bars) * bn.move_mean(y, bars)


def _bn_corr(x: Matrix, y: Matrix, bars: int) -> Matrix:
    return _bn_cov(x, y, bars) / (bn.move_std(x, bars) * bn.move_std(y, bars))


def _bn_rank(step: Step, x: Matrix) -> Matrix:
    """Lay bottleneck's ranks of -1 to 1 out over (0, 1]."""
    bars, found = step["bars"], bn.move_rank(x, step["bars"])
    found *= (bars - 1) / (2 * bars)
    found += (bars + 1) / (2 * bars)
    return found


def _bn(move: Callable[..., Matrix]) -> Callable[..., Matrix]:
    return lambda step, x: move(x, step["bars"])


def bn_cross_rank(_step: Step, x: Matrix) -> Matrix:
    """Rank each row of ``[time, instrument]``, over how many there are."""
    found = bn.nanrankdata(x, axis=1)
    found /= np.isfinite(x).sum(axis=1, keepdims=True)
    return found


def bn_scale(step: Step, x: Matrix) -> Matrix:
    """Scale each row of ``[time, instrument]`` to a sum of sizes."""
    return x * (step["gross"] / bn.nansum(np.abs(x), axis=1)[:, np.newaxis])


BOTTLENECK: dict[str, Callable[..., Matrix]] = {
    "ts_mean": _bn(bn.move_mean),
    "ts_sum": _bn(bn.move_sum),
    "ts_std": lambda step, x: bn.move_std(x, step["bars"], ddof=1),
    "ts_corr": lambda step, x, y: _bn_corr(x, y, step["bars"]),
    "ts_cov": lambda step, x, y: _bn_cov(x, y, step["bars"]) * (step["bars"] / (step["bars"] - 1)),
    "ts_slope": lambda step, x: (
        _bn_cov(x, _windowed(x), step["bars"]) / ((step["bars"] ** 2 - 1) / 12)
    ),
    "ts_slope_r2": lambda step, x: _bn_corr(x, _windowed(x), step["bars"]) ** 2,
    "decay_linear": _faded(bn.move_sum),
    "ts_max": _bn(bn.move_max),
    "ts_min": _bn(bn.move_min),
    "ts_argmax": _bn(bn.move_argmax),
    "ts_argmin": _bn(bn.move_argmin),
    "ts_argmax_pos": lambda step, x: step["bars"] - bn.move_argmax(x, step["bars"]),
    "ts_argmin_pos": lambda step, x: step["bars"] - bn.move_argmin(x, step["bars"]),
    "ts_rank": _bn_rank,
    "rank": bn_cross_rank,
    "scale": bn_scale,
}


def _pd(name: str, **how: object) -> Callable[..., pd.DataFrame]:
    return lambda step, x: getattr(x.rolling(step["bars"]), name)(**how)


def _pd_clock(x: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(_clock(x.shape[::-1]).T)


PANDAS: dict[str, Callable[..., pd.DataFrame]] = {
    **{f"ts_{name}": _pd(name) for name in ("mean", "sum", "std", "max", "min")},
    "ts_corr": lambda step, x, y: x.rolling(step["bars"]).corr(y),
    "ts_cov": lambda step, x, y: x.rolling(step["bars"]).cov(y),
    "ts_slope": lambda step, x: (
        x.rolling(step["bars"]).cov(_pd_clock(x)) / (step["bars"] * (step["bars"] + 1) / 12)
    ),
    "ts_slope_r2": lambda step, x: x.rolling(step["bars"]).corr(_pd_clock(x)) ** 2,
    "ts_rank": _pd("rank", pct=True),
    "ts_quantile": lambda step, x: x.rolling(step["bars"]).quantile(step["q"]),
    "rank": lambda _step, x: x.rank(axis=1, pct=True),
    "scale": lambda step, x: x.mul(step["gross"] / x.abs().sum(axis=1), axis=0),
}


def _pl(name: str) -> Callable[..., pl.Expr]:
    return lambda step, x: getattr(x, f"rolling_{name}")(step["bars"])


POLARS: dict[str, Callable[..., pl.Expr]] = {
    **{f"ts_{name}": _pl(name) for name in ("mean", "sum", "std", "max", "min")},
    "ts_corr": lambda step, x, y: pl.rolling_corr(x, y, window_size=step["bars"]),
    "ts_cov": lambda step, x, y: pl.rolling_cov(x, y, window_size=step["bars"]),
    "ts_rank": lambda step, x: x.rolling_rank(step["bars"]) / step["bars"],
    "ts_quantile": lambda step, x: x.rolling_quantile(
        step["q"], interpolation="linear", window_size=step["bars"]
    ),
    # Of the columns of a frame with a column a bar.
    "rank": lambda _step, x: x.rank() / x.count(),
}
ACROSS = ("rank", "scale")
