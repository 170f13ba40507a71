"""A back-test's series in one file: what compare and the tear sheet need, without a re-run.

The file is numpy's ``npz`` without pickles: the same series give the same bytes.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ..core.errors import BrokenError

if TYPE_CHECKING:
    from .backtest import Backtest

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
VERSION = 2
NAMES = ("symbols", "factors")


@dataclass(frozen=True, slots=True)
class Series:
    """What happened, bar by bar; ``times`` are bar opens in epoch seconds, equity is of the close.

    ``positions`` are notional over equity at the close, ``[time, instrument]``. Costs are money of
    the capital's currency a bar; ``decision_times`` are the bars at whose end targets were set.
    """

    bar_seconds: int
    capital: float
    symbols: tuple[str, ...]
    times: Integers
    equity: Floats
    returns: Floats
    turnover: Floats
    fees: Floats
    slippage: Floats
    funding: Floats
    positions: Floats
    name_gain: Floats  # each instrument's gain from prices less its funding, before trading costs
    decision_times: Integers
    ic: Floats
    rank_ic: Floats
    lag_rank_ic: Floats
    lag_rank_ic_se: Floats
    quantile_returns: Floats
    lag_ic: Floats
    lag_ic_se: Floats
    autocorrelation: Floats  # of the signal's ranks, by lag from 0
    benchmark: Floats  # its returns; of no bar where there is none
    gain_by_symbol: Floats  # prices, funding, fees, slippage, impact by instrument, money
    gain_by_side: Floats  # the same by long and short
    factors: tuple[str, ...]
    gain_by_factor: Floats  # from prices; the residual is the last


def series_of(backtest: "Backtest") -> Series:
    """Take the series out of a back-test.

    Raises:
        BrokenError: for a variant of a batch, whose gain was not attributed.
    """
    simulation, information = backtest.simulation, backtest.information
    attribution, benchmark = backtest.attribution, backtest.benchmark
    if attribution is None:
        raise BrokenError("a variant of a batch has no series of its own", help="run it alone")
    return Series(
        bar_seconds=simulation.bar_seconds,
        capital=simulation.capital,
        symbols=simulation.symbols,
        times=simulation.times,
        equity=simulation.equity,
        returns=simulation.returns,
        turnover=simulation.turnover,
        fees=simulation.fees,
        slippage=simulation.slippage,
        funding=simulation.funding,
        positions=simulation.weights,
        name_gain=simulation.gain_of_name - simulation.funding_of_name,
        decision_times=information.times,
        ic=information.ic,
        rank_ic=information.rank_ic,
        lag_rank_ic=information.lag_rank_ic,
        lag_rank_ic_se=information.lag_rank_ic_se,
        quantile_returns=information.quantile_returns,
        lag_ic=information.lag_ic,
        lag_ic_se=information.lag_ic_se,
        autocorrelation=information.autocorrelation,
        benchmark=np.empty(0) if benchmark is None else benchmark,
        gain_by_symbol=attribution.by_symbol,
        gain_by_side=attribution.by_side,
        factors=attribution.factors,
        gain_by_factor=np.append(attribution.by_factor, attribution.residual),
    )


def save_series(path: Path, backtest: "Backtest") -> None:
    """Write a back-test's series; the file appears whole or not at all."""
    series = series_of(backtest)
    part = path.with_name(path.name + ".part")
    columns: dict[str, Any] = {
        field.name: np.asarray(getattr(series, field.name))
        for field in fields(series)
        if field.name not in NAMES
    }
    columns |= {name: np.array(getattr(series, name), dtype=np.str_) for name in NAMES}
    with part.open("wb") as file:
        np.savez_compressed(file, version=np.array(VERSION), **columns)
    part.replace(path)


def load_series(path: Path) -> Series:
    """Read what ``save_series`` wrote.

    Raises:
        BrokenError: when the file is absent, damaged, or of another version.
    """
    try:
        # Opened here: numpy leaves a file that is no archive open.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise BrokenError(f"`{path.name}` holds no readable series: {error}") from error
    version = int(found.pop("version", np.array(0)))
    expected = {field.name for field in fields(Series)}
    if version != VERSION or set(found) != expected:
        raise BrokenError(
            f"`{path.name}` holds series of version {version}, this engine reads {VERSION}",
            help="run the strategy again to write them anew",
        )
    return Series(
        bar_seconds=int(found.pop("bar_seconds")),
        capital=float(found.pop("capital")),
        symbols=tuple(str(symbol) for symbol in found.pop("symbols")),
        factors=tuple(str(name) for name in found.pop("factors")),
        **found,
    )
