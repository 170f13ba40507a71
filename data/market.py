"""A seeded market of perpetuals in which one effect truly exists: for demos, tests and evals.

1. Returns (``market_prices``): one market factor and a few sectors, each instrument with its own
   betas; idiosyncratic moves with stochastic volatility; one market-wide crash.
2. The planted effect: every bar gives back a share of the idiosyncratic return of the bars before
   it (short-term reversal), so that ranking by the negative of past returns earns, and nothing else
   in the market can be forecast.
3. Trading (``market_trading``): bars around the path, volume with the hours of the day, a premium
   that follows returns, mark prices, funding every 8 or 4 hours out of the premium.
4. Life: some instruments are listed on the way, one is delisted, some bars are missing.

The same arguments give the same bytes: every random number comes from the seed, and prices are
rounded to ticks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..core.clock import to_text
from ..core.errors import InvalidInputError
from .card import Source
from .market_prices import Path, paths
from .market_trading import Trading, trading

START = datetime(2024, 1, 1, tzinfo=UTC)
INSTRUMENTS_MIN = 5
BARS_MIN = 200
REVERSAL_BARS = 24
REVERSAL_SHARE = 0.005

_LATE_SHARE = 0.2
_GAPPY_SHARE = 0.25
_GAP_BARS_MAX = 6
_SYNTHETIC = (
    "SYNTHETIC: no price here was ever traded; results prove that the machine works, "
    "not that a strategy does"
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted, for whoever judges a search by whether it finds it.

    Per bar an instrument is expected to return ``-reversal_share`` times the sum of its
    idiosyncratic innovations over the ``reversal_bars`` bars before; nothing else is predictable.
    Instants are bar opens, UTC.
    """

    seed: int
    reversal_bars: int
    reversal_share: float
    crash_at: str
    crash_log_return: float
    sectors: tuple[tuple[str, str], ...]
    listed_at: tuple[tuple[str, str], ...]
    delisted_at: tuple[tuple[str, str], ...]
    funding_hours: tuple[tuple[str, int], ...]
    bars_missing: int

    def effect(self) -> str:
        """Say what was planted in one sentence."""
        return (
            f"planted effect: each bar gives back {self.reversal_share:.2%} of the "
            f"idiosyncratic return of the {self.reversal_bars} bars before it"
        )

    def crash(self) -> str:
        """Say when the market fell."""
        return f"planted crash: {self.crash_log_return:.2f} in log at {self.crash_at}"

    def source(self) -> Source:
        """Return what the card of such a dataset must say."""
        return Source(
            origin=f"AlphaForge market simulator, seed {self.seed}",
            is_synthetic=True,
            notes=(_SYNTHETIC, self.effect(), self.crash()),
        )


@dataclass(frozen=True, slots=True)
class _Market:
    times: NDArray[np.int64]
    symbols: tuple[str, ...]
    path: Path
    traded: Trading
    is_listed: NDArray[np.bool_]


def simulate_market(  # noqa: PLR0913  # The dimensions of one market.
    seed: int,
    *,
    instruments: int = 20,
    bars: int = 24 * 240,
    start: datetime = START,
    bar_seconds: int = 3600,
    reversal_share: float = REVERSAL_SHARE,
) -> tuple[pa.Table, Truth]:
    """Return the bars of a market as an Arrow table, and what was planted in it.

    ``reversal_share`` 0 gives a market without any effect: the control.

    Raises:
        InvalidInputError: when the market would be too small, or off the grid of its bars.
    """
    _require_shape(instruments, bars, start, bar_seconds)
    price_seed, trade_seed, life_seed = np.random.SeedSequence(seed).spawn(3)
    times = int(start.timestamp()) + np.arange(bars, dtype=np.int64) * bar_seconds
    path = paths(
        np.random.default_rng(price_seed),
        shape=(bars, instruments),
        bar_seconds=bar_seconds,
        reversal=(REVERSAL_BARS, reversal_share),
    )
    market = _Market(
        times=times,
        symbols=tuple(f"SIM{number:02d}USDT" for number in range(instruments)),
        path=path,
        traded=trading(np.random.default_rng(trade_seed), path, times, bar_seconds),
        is_listed=_lives(np.random.default_rng(life_seed), (bars, instruments)),
    )
    return _table(market), _truth(market, seed, reversal_share)


def _require_shape(instruments: int, bars: int, start: datetime, bar_seconds: int) -> None:
    if instruments < INSTRUMENTS_MIN or bars < BARS_MIN:
        raise InvalidInputError(
            f"{instruments} instruments and {bars} bars are too few for a market",
            help=f"ask for {INSTRUMENTS_MIN} instruments and {BARS_MIN} bars or more",
        )
    if start.tzinfo is None or start.timestamp() % bar_seconds:
        raise InvalidInputError(
            f"`{start}` is not on the UTC grid of {bar_seconds} s", help="start at midnight UTC"
        )


def _lives(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return where there is a bar: late listings first in the order, the delisted one last."""
    bars, instruments = shape
    is_listed = np.ones(shape, dtype=np.bool_)
    order = rng.permutation(instruments)
    late = order[: int(instruments * _LATE_SHARE)]
    for instrument, at in zip(late, np.sort(rng.uniform(0.15, 0.5, len(late))), strict=True):
        is_listed[: int(at * bars), instrument] = False
    is_listed[int(rng.uniform(0.7, 0.8) * bars) :, order[-1]] = False
    for instrument in order[:-1][-int(instruments * _GAPPY_SHARE) :]:
        for begin in rng.integers(int(0.55 * bars), bars - 2 * _GAP_BARS_MAX, 2):
            is_listed[begin : begin + rng.integers(1, _GAP_BARS_MAX + 1), instrument] = False
    return is_listed


def _table(market: _Market) -> pa.Table:
    # Symbol by symbol, as collectors write it; the lake does not care.
    keep = market.is_listed.T
    bar, instrument = np.meshgrid(market.times, np.arange(len(market.symbols), dtype=np.int32))
    names = pa.DictionaryArray.from_arrays(pa.array(instrument[keep]), pa.array(market.symbols))
    columns: dict[str, Any] = {
        "ts": pa.array(bar[keep] * 1000, pa.timestamp("ms", tz="UTC")),
        "symbol": names.cast(pa.string()),
    }
    for name, values in market.traded.fields().items():
        # from_pandas: NaN becomes null, as in files of exchanges.
        columns[name] = pa.array(values.T[keep], pa.float64(), from_pandas=True)
    return pa.table(columns)


def _truth(market: _Market, seed: int, reversal_share: float) -> Truth:
    is_listed, names = market.is_listed, market.symbols
    rows = np.arange(len(market.times))[:, None]
    first = is_listed.argmax(axis=0)
    last = len(rows) - 1 - is_listed[::-1].argmax(axis=0)
    inside = (rows >= first) & (rows <= last)

    def text(row: int) -> str:
        return to_text(datetime.fromtimestamp(int(market.times[row]), UTC))

    return Truth(
        seed=seed,
        reversal_bars=REVERSAL_BARS,
        reversal_share=reversal_share,
        crash_at=text(market.path.crash_bar),
        crash_log_return=market.path.crash_log_return,
        sectors=tuple(
            (name, f"sector_{code}") for name, code in zip(names, market.path.sectors, strict=True)
        ),
        listed_at=tuple((name, text(row)) for name, row in zip(names, first, strict=True) if row),
        delisted_at=tuple(
            (name, text(row)) for name, row in zip(names, last, strict=True) if row < len(rows) - 1
        ),
        funding_hours=tuple(zip(names, market.traded.funding_hours, strict=True)),
        bars_missing=int((inside & ~is_listed).sum()),
    )
