"""Dated contracts on a simulated market: the same coins, prices that come to meet theirs at expiry.

A contract trades at the coin's price times ``exp(rate x years to delivery)``, the rate drawn for
each coin; so its basis is what there is to earn by holding it, and is 0 at delivery.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..core.durations import seconds_of
from .card import Source
from .market import Truth

RATE_MEAN, RATE_SPREAD = 0.1, 0.05
_YEAR = 365 * seconds_of("1d")
_DELIVERY = timedelta(hours=8)


def dated_contracts(  # noqa: PLR0913  # The dimensions of one market.
    table: pa.Table,
    truth: Truth,
    *,
    seed: int,
    bar_seconds: int = 3600,
    every_days: int = 30,
    life_days: int = 75,
) -> tuple[pa.Table, Source]:
    """Return the contracts on each coin of a market of ``simulate_market``, and what they are.

    One is delivered every ``every_days`` at 8:00 UTC, and listed ``life_days`` before; symbols are
    spelled ``SIM00USDT_240131``.
    """
    rng = np.random.default_rng(seed)
    seconds = table.column("ts").cast(pa.int64()).to_numpy() // 1000
    first, last = (datetime.fromtimestamp(int(at), UTC) for at in (seconds.min(), seconds.max()))
    midnight = first.replace(hour=0, minute=0)
    count = (last - midnight).days // every_days + 1 + life_days // every_days
    pieces = []
    for name in sorted(pc.unique(table.column("symbol")).to_pylist()):
        rate = rng.normal(RATE_MEAN, RATE_SPREAD)
        own = table.filter(pc.equal(table.column("symbol"), name))
        for number in range(1, count + 1):
            delivered = midnight + timedelta(days=number * every_days) + _DELIVERY
            left = int(delivered.timestamp()) - own.column("ts").cast(pa.int64()).to_numpy() // 1000
            lives = (left >= bar_seconds) & (left <= life_days * seconds_of("1d"))
            if lives.any():
                bars = own.filter(pa.array(lives))
                spelled = f"{name}_{delivered:%y%m%d}"
                pieces.append(_contract(bars, spelled, left[lives], bar_seconds, rate))
    source = Source(
        origin=f"AlphaForge market simulator, seeds {truth.seed} and {seed}, dated contracts",
        is_synthetic=True,
        notes=("SYNTHETIC: the basis of each contract is gone at its delivery",),
    )
    return pa.concat_tables(pieces), source


def _contract(
    bars: pa.Table, name: str, left: "np.ndarray[Any, Any]", bar_seconds: int, rate: float
) -> pa.Table:
    at_open = np.exp(rate * left / _YEAR)
    at_close = np.exp(rate * (left - bar_seconds) / _YEAR)
    above, below = np.maximum(at_open, at_close), np.minimum(at_open, at_close)
    columns: dict[str, Any] = {"ts": bars.column("ts"), "symbol": pa.array([name] * bars.num_rows)}
    for field, basis in zip(
        ("open", "high", "low", "close"), (at_open, above, below, at_close), strict=True
    ):
        columns[field] = pa.array(bars.column(field).to_numpy() * basis)
    columns["volume"] = bars.column("volume")
    return pa.table(columns)
