"""What trading leaves of a simulated path: bars, volume, mark prices, funding (numpy)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .market_prices import HOUR, Matrix, Path, remembering

_TICK_DIGITS = 5
_WICK = 0.4
_TURNOVER_LOG10 = (5.5, 7.5)
_TURNOVER_MEMORY_HOURS = 48
_TURNOVER_SPREAD = 0.5
_BUSY_HOUR = 15
_BUSY_SWING = 0.5
_PREMIUM_MEMORY_HOURS = 24
_PREMIUM_SPREAD = 0.0003
_PREMIUM_OF_RETURN = 0.01
_INTEREST = 0.0001
_INTEREST_CLAMP = 0.0005
_FUNDING_CAP = 0.0075
_FOUR_HOURLY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Trading:
    """The fields of all bars as ``[time, instrument]``; funding is NaN but on settlement rows."""

    open: Matrix
    high: Matrix
    low: Matrix
    close: Matrix
    volume: Matrix
    mark_open: Matrix
    mark_close: Matrix
    funding_rate: Matrix
    funding_hours: tuple[int, ...]

    def fields(self) -> dict[str, Matrix]:
        """Return the columns in the order that exchanges write them."""
        return {
            "open": self.open,
            "high": self.high,
            "low": self.low,
            "close": self.close,
            "volume": self.volume,
            "mark_open": self.mark_open,
            "mark_close": self.mark_close,
            "funding_rate": self.funding_rate,
        }


def trading(
    rng: np.random.Generator, path: Path, times: NDArray[np.int64], bar_seconds: int
) -> Trading:
    """Draw bars, volume, premium and funding around a path."""
    hours = bar_seconds / HOUR
    digits = _digits(path.first_price)
    close = _rounded(path.first_price * np.exp(np.cumsum(path.log_returns, axis=0)), digits)
    open_ = np.vstack([_rounded(path.first_price[None, :], digits), close[:-1]])
    shape = close.shape
    above, below = (_WICK * path.scale * np.abs(rng.standard_normal(shape)) for _ in range(2))
    top, bottom = np.maximum(open_, close), np.minimum(open_, close)
    high = np.maximum(_rounded(top * np.exp(above), digits), top)
    low = np.minimum(_rounded(bottom * np.exp(-below), digits), bottom)
    premium = _premium(rng, path, hours)
    before = np.vstack([np.zeros((1, shape[1])), premium[:-1]])
    funding_hours = np.where(rng.permutation(shape[1]) < shape[1] * _FOUR_HOURLY_SHARE, 4, 8)
    return Trading(
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=_volume(rng, path, close, times, hours),
        mark_open=_rounded(open_ * (1.0 - before), digits + 1),
        mark_close=_rounded(close * (1.0 - premium), digits + 1),
        funding_rate=_funding(premium, times, funding_hours, bar_seconds),
        funding_hours=tuple(int(value) for value in funding_hours),
    )


def _digits(price: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the decimals that leave a price five digits."""
    return np.asarray(_TICK_DIGITS - 1 - np.floor(np.log10(price)), dtype=np.int64)


def _rounded(values: Matrix, digits: NDArray[np.int64]) -> Matrix:
    pairs = zip(values.T, digits, strict=True)
    ticks = [np.maximum(np.round(column, int(places)), 10.0**-places) for column, places in pairs]
    return np.ascontiguousarray(np.column_stack(ticks))


def _volume(
    rng: np.random.Generator,
    path: Path,
    close: Matrix,
    times: NDArray[np.int64],
    hours: float,
) -> Matrix:
    shape = close.shape
    memory = float(np.exp(-hours / _TURNOVER_MEMORY_HOURS))
    level = 10.0 ** rng.uniform(*_TURNOVER_LOG10, shape[1]) * hours
    mood = np.exp(_TURNOVER_SPREAD * remembering(rng.standard_normal(shape), memory))
    hour = (times % 86400) / HOUR
    season = 1.0 + _BUSY_SWING * np.cos(2 * np.pi * (hour - _BUSY_HOUR) / 24)
    surprise = 0.5 + np.abs(path.log_returns) / path.scale
    turnover = level * mood * season[:, None] * surprise
    # Whole lots of a thousandth: a bar of a listed perpetual always trades something.
    return np.asarray(np.maximum(np.round(turnover / close, 3), 0.001))


def _premium(rng: np.random.Generator, path: Path, hours: float) -> Matrix:
    """Return how far the perpetual trades above its index: it chases returns and fades."""
    memory = float(np.exp(-hours / _PREMIUM_MEMORY_HOURS))
    noise = _PREMIUM_SPREAD * remembering(rng.standard_normal(path.log_returns.shape), memory)
    chase = _PREMIUM_OF_RETURN * remembering(path.log_returns, memory) / np.sqrt(1 - memory**2)
    return np.asarray(noise + chase)


def _funding(
    premium: Matrix, times: NDArray[np.int64], hours: NDArray[np.int64], bar_seconds: int
) -> Matrix:
    """Settle the mean premium of the interval that ends at a bar's open; NaN on other rows.

    The first interval is only as long as the market has lived.
    """
    total = np.vstack([np.zeros((1, premium.shape[1])), np.cumsum(premium, axis=0)])
    out = np.full(premium.shape, np.nan)
    for every in np.unique(hours):
        interval = max(int(every) * HOUR, bar_seconds)
        width = interval // bar_seconds
        rows = np.flatnonzero(times % interval == 0)
        since = np.maximum(rows - width, 0)
        mean = (total[rows] - total[since]) / np.maximum(rows - since, 1)[:, None]
        rate = mean + np.clip(_INTEREST - mean, -_INTEREST_CLAMP, _INTEREST_CLAMP)
        rate = np.clip(rate, -_FUNDING_CAP, _FUNDING_CAP).round(8)
        out[np.ix_(rows, hours == every)] = rate[:, hours == every]
    return out
