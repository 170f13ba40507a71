"""The returns of a simulated market: factors, own moves, reversal, one crash (numpy)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

HOUR = 3600
SECTORS = 4

# Standard deviations of one hour, in log.
_MARKET_HOURLY = 0.0045
_SECTOR_HOURLY = 0.0025
_OWN_HOURLY = (0.005, 0.009)
_BETA = (0.7, 1.4)
_SECTOR_BETA = (0.6, 1.2)
_PRICE_LOG10 = (-1.0, 4.0)
# Log-volatility walks with a memory of about four days.
_VOL_MEMORY_HOURS = 96
_VOL_SPREAD = 0.35
_CRASH_PLACE = 0.62
_CRASH_LOG_RETURN = -0.15
_REBOUND = (0.04, 0.02, 0.01)
_CRASH_VOL_TIMES = 3.0
_CRASH_VOL_HOURS = 24


@dataclass(frozen=True, slots=True)
class Path:
    """Log returns ``[time, instrument]``, their scale at each bar, and what was planted."""

    log_returns: Matrix
    scale: Matrix
    first_price: NDArray[np.float64]
    sectors: tuple[int, ...]
    crash_bar: int
    crash_log_return: float


def paths(
    rng: np.random.Generator,
    *,
    shape: tuple[int, int],
    bar_seconds: int,
    reversal: tuple[int, float],
) -> Path:
    """Draw the returns of all instruments."""
    bars, instruments = shape
    hours = bar_seconds / HOUR
    root = np.sqrt(hours)
    crash_bar = int(bars * _CRASH_PLACE)
    stress = _stress(bars, crash_bar, hours)
    market = _MARKET_HOURLY * root * stress * _volatility(rng, (bars, 1), hours)
    common = market[:, 0] * rng.standard_normal(bars) + _crash(bars, crash_bar)
    sectors = rng.permutation(np.arange(instruments) % SECTORS)
    sector_moves = _SECTOR_HOURLY * root * rng.standard_normal((bars, SECTORS))
    own_scale = rng.uniform(*_OWN_HOURLY, instruments) * root
    own_scale = own_scale * stress * _volatility(rng, shape, hours)
    own = _with_reversal(own_scale * rng.standard_normal(shape), *reversal)
    returns = np.outer(common, rng.uniform(*_BETA, instruments)) + own
    returns += sector_moves[:, sectors] * rng.uniform(*_SECTOR_BETA, instruments)
    return Path(
        log_returns=returns,
        scale=np.sqrt(own_scale**2 + market**2 + (_SECTOR_HOURLY * root) ** 2),
        first_price=10.0 ** rng.uniform(*_PRICE_LOG10, instruments),
        sectors=tuple(int(code) for code in sectors),
        crash_bar=crash_bar,
        crash_log_return=_CRASH_LOG_RETURN,
    )


def remembering(shocks: Matrix, memory: float) -> Matrix:
    """Return ``x[t] = memory * x[t - 1] + shocks[t]`` for each column, of unit long-run scale."""
    out = np.empty_like(shocks)
    last = shocks[0]
    out[0] = last
    fresh = np.sqrt(1.0 - memory**2)
    for bar in range(1, len(shocks)):
        last = memory * last + fresh * shocks[bar]
        out[bar] = last
    return out


def _volatility(rng: np.random.Generator, shape: tuple[int, int], hours: float) -> Matrix:
    memory = float(np.exp(-hours / _VOL_MEMORY_HOURS))
    return np.asarray(np.exp(_VOL_SPREAD * remembering(rng.standard_normal(shape), memory)))


def _stress(bars: int, crash_bar: int, hours: float) -> Matrix:
    """Return a column that multiplies volatility: 1, and from the crash on a decaying surplus."""
    since = np.arange(bars) - crash_bar
    decay = np.exp(-np.maximum(since, 0) * hours / _CRASH_VOL_HOURS)
    surplus = np.where(since >= 0, (_CRASH_VOL_TIMES - 1) * decay, 0.0)
    return np.asarray(1.0 + surplus)[:, None]


def _crash(bars: int, crash_bar: int) -> NDArray[np.float64]:
    moves = np.zeros(bars)
    moves[crash_bar] = _CRASH_LOG_RETURN
    moves[crash_bar + 1 : crash_bar + 1 + len(_REBOUND)] = _REBOUND
    return moves


def _with_reversal(innovations: Matrix, window: int, share: float) -> Matrix:
    """Give back a share of the innovations of the ``window`` bars before, at each bar."""
    total = np.cumsum(innovations, axis=0)
    before = np.zeros_like(total)
    before[1:] = total[:-1]
    before[window + 1 :] -= total[: -window - 1]
    return np.asarray(innovations - share * before)
