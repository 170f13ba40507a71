"""Qlib's Alpha158: 9 shapes of a candle, 4 prices, and 29 families over 5 windows each.

All are ratios: of prices to the close, of volume to the bar's volume. ``1e-12`` keeps a quotient
from a denominator of 0, as published.
"""

from collections.abc import Mapping

WINDOWS = (5, 10, 20, 30, 60)
_TINY = "1e-12"
_RANGE = f"($high-$low+{_TINY})"
_TOP, _BOTTOM = "Greater($open, $close)", "Less($open, $close)"
_BEFORE, _VOLUME_BEFORE = "Ref($close, 1)", "Ref($volume, 1)"

# Shapes of a candle: the body, its shadows, where the close lies; over the open, over the range.
_CANDLE = {
    "KMID": "($close-$open)/$open",
    "KLEN": "($high-$low)/$open",
    "KMID2": f"($close-$open)/{_RANGE}",
    "KUP": f"($high-{_TOP})/$open",
    "KUP2": f"($high-{_TOP})/{_RANGE}",
    "KLOW": f"({_BOTTOM}-$low)/$open",
    "KLOW2": f"({_BOTTOM}-$low)/{_RANGE}",
    "KSFT": "(2*$close-$high-$low)/$open",
    "KSFT2": f"(2*$close-$high-$low)/{_RANGE}",
}
_PRICES = {f"{field.upper()}0": f"${field}/$close" for field in ("open", "high", "low", "vwap")}


def _gains(field: str) -> tuple[str, str, str]:
    """Return what a field gained and lost in a window, and all it moved."""
    before = f"Ref(${field}, 1)"
    return (
        f"Sum(Greater(${field}-{before}, 0), {{d}})",
        f"Sum(Greater({before}-${field}, 0), {{d}})",
        f"(Sum(Abs(${field}-{before}), {{d}})+{_TINY})",
    )


_UP, _DOWN, _MOVED = _gains("close")
_MORE, _LESS, _CHANGED = _gains("volume")
_RISES, _FALLS = f"Mean($close>{_BEFORE}, {{d}})", f"Mean($close<{_BEFORE}, {{d}})"
_WEIGHED = f"Abs($close/{_BEFORE}-1)*$volume"

# `{d}` is the window. In Qlib's configuration the family MIN is switched by the key LOW.
FAMILIES: Mapping[str, str] = {
    "ROC": "Ref($close, {d})/$close",
    "MA": "Mean($close, {d})/$close",
    "STD": "Std($close, {d})/$close",
    "BETA": "Slope($close, {d})/$close",
    "RSQR": "Rsquare($close, {d})",
    "RESI": "Resi($close, {d})/$close",
    "MAX": "Max($high, {d})/$close",
    "MIN": "Min($low, {d})/$close",
    "QTLU": "Quantile($close, {d}, 0.8)/$close",
    "QTLD": "Quantile($close, {d}, 0.2)/$close",
    "RANK": "Rank($close, {d})",
    "RSV": f"($close-Min($low, {{d}}))/(Max($high, {{d}})-Min($low, {{d}})+{_TINY})",
    "IMAX": "IdxMax($high, {d})/{d}",
    "IMIN": "IdxMin($low, {d})/{d}",
    "IMXD": "(IdxMax($high, {d})-IdxMin($low, {d}))/{d}",
    "CORR": "Corr($close, Log($volume+1), {d})",
    "CORD": f"Corr($close/{_BEFORE}, Log($volume/{_VOLUME_BEFORE}+1), {{d}})",
    "CNTP": _RISES,
    "CNTN": _FALLS,
    "CNTD": f"{_RISES}-{_FALLS}",
    "SUMP": f"{_UP}/{_MOVED}",
    "SUMN": f"{_DOWN}/{_MOVED}",
    "SUMD": f"({_UP}-{_DOWN})/{_MOVED}",
    "VMA": f"Mean($volume, {{d}})/($volume+{_TINY})",
    "VSTD": f"Std($volume, {{d}})/($volume+{_TINY})",
    "WVMA": f"Std({_WEIGHED}, {{d}})/(Mean({_WEIGHED}, {{d}})+{_TINY})",
    "VSUMP": f"{_MORE}/{_CHANGED}",
    "VSUMN": f"{_LESS}/{_CHANGED}",
    "VSUMD": f"({_MORE}-{_LESS})/{_CHANGED}",
}


def features() -> Mapping[str, str]:
    """Return the 158 texts by name: candles, prices, then each family's windows."""
    rolling = {
        f"{name}{bars}": text.format(d=bars) for name, text in FAMILIES.items() for bars in WINDOWS
    }
    return {**_CANDLE, **_PRICES, **rolling}
