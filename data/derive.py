"""Fields that panels compute where a dataset has no such column (numpy)."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Raw = Mapping[str, Matrix]


def derive(name: str, raw: Raw) -> Matrix:
    """Return a derived field from the stored ones that ``fields.sources`` names for it."""
    # Beyond float64 there is no number: an overflow becomes NaN, as a cell out of its domain does.
    with np.errstate(over="ignore", invalid="ignore"):
        out = FORMULAS[name](raw)
    return np.where(np.isfinite(out), out, np.nan)


def _value(name: str, raw: Raw) -> Matrix:
    return raw[name] if name in raw else FORMULAS[name](raw)


def _copy_of(name: str) -> Callable[[Raw], Matrix]:
    return lambda raw: raw[name]


def _vwap(raw: Raw) -> Matrix:
    typical = np.asarray((raw["high"] + raw["low"] + raw["close"]) / 3.0)
    if "quote_volume" not in raw:
        return typical
    # No trade, no mean of trades: such a bar keeps its typical price.
    has_traded = raw["volume"] > 0
    return np.divide(raw["quote_volume"], raw["volume"], out=typical, where=has_traded)


def _quote_volume(raw: Raw) -> Matrix:
    return np.asarray(raw["volume"] * _value("vwap", raw))


def _basis(raw: Raw) -> Matrix:
    return np.asarray(_value("mark", raw) / _value("index", raw) - 1.0)


def _taker_sell_volume(raw: Raw) -> Matrix:
    sold = raw["volume"] - raw["taker_buy_volume"]
    # More bought than traded: one of the two is wrong, and nobody knows which.
    return np.where(sold < 0, np.nan, sold)


FORMULAS: dict[str, Callable[[Raw], Matrix]] = {
    "vwap": _vwap,
    "quote_volume": _quote_volume,
    "open_interest": _copy_of("open_interest_base"),
    "mark": _copy_of("mark_close"),
    "index": _copy_of("index_close"),
    "basis": _basis,
    "taker_sell_volume": _taker_sell_volume,
    "cap": _copy_of("market_cap"),
}
