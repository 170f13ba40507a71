"""A second venue for a simulated market: the same coins, another spelling, prices that stray.

Each price is that of the first venue times a premium that wanders and comes back, so that the
spread of the two can be forecast and nothing else of the second venue can. Fields that perpetuals
have beside prices (open interest, index, taker volume, sectors) come with it. All of it is seeded.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .card import Source
from .market import Truth
from .market_prices import Matrix, remembering

_PREMIUM_SCALE = 0.002
_PREMIUM_MEMORY_BARS = 12
_INDEX_NOISE = 0.0002
_OPEN_BARS = 24
_SEPARATOR = "-"
_QUOTE = "USDT"
_PRICES = ("open", "high", "low", "close", "mark_open", "mark_close")


def second_venue(
    table: pa.Table, truth: Truth, *, seed: int, without: tuple[str, ...] = ()
) -> tuple[pa.Table, Source]:
    """Return the bars of another venue for a market of ``simulate_market``, and what they are.

    Symbols are spelled ``SIM00-USDT-SWAP``; those in ``without`` (as the first venue spells them)
    are not listed there.
    """
    rng = np.random.default_rng(seed)
    names = table.column("symbol").to_numpy(zero_copy_only=False)
    is_listed = ~np.isin(names, without)
    columns: dict[str, Any] = {name: table.column(name) for name in table.column_names}
    premium = np.exp(_PREMIUM_SCALE * _by_symbol(names, lambda bars: _stray(rng, bars)))
    for name in _PRICES:
        columns[name] = pa.array(columns[name].to_numpy() * premium)
    columns |= _perpetual(columns, names, truth, rng)
    columns["symbol"] = pa.array([_spelled(str(name)) for name in names])
    source = Source(
        origin=f"AlphaForge market simulator, seeds {truth.seed} and {seed}, second venue",
        is_synthetic=True,
        notes=(f"SYNTHETIC: prices stray from those of seed {truth.seed} and come back",),
    )
    return pa.table(columns).filter(pa.array(is_listed)), source


def _perpetual(
    columns: dict[str, Any], names: NDArray[np.object_], truth: Truth, rng: np.random.Generator
) -> dict[str, Any]:
    """Return what a venue of perpetuals publishes beside prices."""
    volume = columns["volume"].to_numpy()
    bought = volume * np.clip(0.5 + 0.1 * rng.standard_normal(len(volume)), 0.0, 1.0)
    sectors = dict(truth.sectors)
    noise = np.exp(_INDEX_NOISE * rng.standard_normal(len(volume)))
    return {
        "taker_buy_volume": pa.array(np.round(bought, 3)),
        "open_interest": pa.array(_open_interest(volume, names)),
        "index_open": pa.array(columns["mark_open"].to_numpy() * noise),
        "index_close": pa.array(columns["mark_close"].to_numpy() * noise),
        "sector": pa.array([sectors[str(name)] for name in names]),
    }


def _open_interest(volume: NDArray[np.float64], names: NDArray[np.object_]) -> Matrix:
    """Return a day's worth of past volume: what is traded leaves positions."""
    out = np.empty_like(volume)
    for name in np.unique(names):
        rows = names == name
        total = np.cumsum(volume[rows])
        total[_OPEN_BARS:] = total[_OPEN_BARS:] - total[:-_OPEN_BARS]
        out[rows] = np.maximum(np.round(total, 3), 0.0)
    return out


def _by_symbol(
    names: NDArray[np.object_], draw: Callable[[int], NDArray[np.float64]]
) -> NDArray[np.float64]:
    out = np.empty(len(names))
    # In the order of the names, so that the order of the rows is of no account.
    for name in np.unique(names):
        rows = names == name
        out[rows] = draw(int(rows.sum()))
    return out


def _stray(rng: np.random.Generator, bars: int) -> NDArray[np.float64]:
    memory = float(np.exp(-1.0 / _PREMIUM_MEMORY_BARS))
    return np.asarray(remembering(rng.standard_normal((bars, 1)), memory)[:, 0])


def _spelled(symbol: str) -> str:
    return _SEPARATOR.join((symbol.removesuffix(_QUOTE), _QUOTE, "SWAP"))
