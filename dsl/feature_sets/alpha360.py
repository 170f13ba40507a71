"""Qlib's Alpha360: six fields at each of the last 60 bars, over the current close or volume."""

from collections.abc import Mapping

LAGS = 60
_PRICES = ("close", "open", "high", "low", "vwap")


def features() -> Mapping[str, str]:
    """Return the 360 texts by name, the oldest bar of each field first."""
    prices = {
        f"{field.upper()}{bars}": f"{_at(field, bars)}/$close"
        for field in _PRICES
        for bars in range(LAGS - 1, -1, -1)
    }
    volumes = {
        f"VOLUME{bars}": f"{_at('volume', bars)}/($volume+1e-12)"
        for bars in range(LAGS - 1, -1, -1)
    }
    return {**prices, **volumes}


def _at(field: str, bars: int) -> str:
    return f"Ref(${field}, {bars})" if bars else f"${field}"
