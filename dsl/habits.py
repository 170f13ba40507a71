"""Words that other languages write, and how the same is said here."""

import re
from collections.abc import Set as AbstractSet
from typing import NamedTuple


class Habit(NamedTuple):
    """A help line, and the word that takes the place of the foreign one where it fits as it is."""

    help: str
    meant: str = ""


# Called as operators elsewhere; the arguments stand in the same order.
_CALLED = {
    **dict.fromkeys(("shift", "lag", "ref"), "delay"),
    **dict.fromkeys(("diff", "momentum", "mom"), "delta"),
    **dict.fromkeys(("pct_change", "roc", "ret"), "returns"),
    **dict.fromkeys(("sma", "ma", "avg", "average", "rolling_mean"), "ts_mean"),
    **dict.fromkeys(("std", "stdev", "rolling_std", "volatility"), "ts_std"),
    **dict.fromkeys(("highest", "rolling_max", "hhv"), "ts_max"),
    **dict.fromkeys(("lowest", "rolling_min", "llv"), "ts_min"),
    **dict.fromkeys(("rolling_sum", "summation"), "ts_sum"),
    **dict.fromkeys(("corr", "rolling_corr"), "ts_corr"),
    **dict.fromkeys(("cov", "rolling_cov"), "ts_cov"),
    **dict.fromkeys(("wma", "decaylinear"), "decay_linear"),
    **dict.fromkeys(("where", "if", "iff", "ifelse", "iif"), "if_else"),
    **dict.fromkeys(("isnan", "isna", "isnull"), "is_nan"),
    **dict.fromkeys(("ln",), "log"),
    **dict.fromkeys(("maximum", "fmax"), "max"),
    **dict.fromkeys(("minimum", "fmin"), "min"),
    **dict.fromkeys(("cs_rank", "csrank", "pct_rank", "percentile"), "rank"),
    **dict.fromkeys(("cs_zscore", "standardize"), "zscore"),
}
_EXPLAINED = {
    "prev": "an earlier value is `delay(x, 1)`",
    "previous": "an earlier value is `delay(x, 1)`",
    "rolling": "a window is an argument of its operator: `ts_mean(close, 24)`",
    "log10": "the logarithm is natural: `log(x) / log(10)`",
    "log2": "the logarithm is natural: `log(x) / log(2)`",
    "log1p": "write `log(1 + x)`",
    "square": "a power is written `x ^ 2`",
    "rsi": "write it out of gains and losses: `ts_mean(max(delta(close, 1), 0), 14)` over "
    "`ts_mean(abs(delta(close, 1)), 14)`",
    "crossover": "write `x > y and delay(x, 1) <= delay(y, 1)`",
    "crossunder": "write `x < y and delay(x, 1) >= delay(y, 1)`",
    "ts_regression": "write `ts_beta`, `ts_alpha`, `ts_residual` or `ts_r2` of x, y and bars",
    "ts_decay_exp_window": "write `decay_exp(x, bars, factor)`; left out, the factor is 0.5",
    "group_normalize": "write `x / group_sum(abs(x), group)`",
    "plot": "a text is one formula; a run draws its report by itself",
    "print": "a text is one formula; `compile` shows what it means",
    "lead": "a formula sees the current bar and those before it",
    "bfill": "a later value never fills an earlier bar",
    "interpolate": "a later value never fills an earlier bar",
}
_VALUES = {
    "price": Habit("the last traded price is `close`", "close"),
    "adj_close": Habit("prices are as traded: `close`", "close"),
    "hl2": Habit("write `(high + low) / 2`", "((high + low) / 2)"),
    "hlc3": Habit("write `(high + low + close) / 3`", "((high + low + close) / 3)"),
    "ohlc4": Habit("write `(open + high + low + close) / 4`", "((open + high + low + close) / 4)"),
    "pi": Habit("write `3.141592653589793`", "3.141592653589793"),
    "true": Habit("a yes is a comparison such as `close > 0`, or 1"),
    "false": Habit("a no is a comparison such as `close < 0`, or 0"),
    **dict.fromkeys(
        ("nan", "none", "null", "na"),
        Habit("a missing value has no word; whether one is missing is `is_nan(x)`"),
    ),
    **dict.fromkeys(("inf", "infinity"), Habit("no value is infinite; write a large number")),
    "adv": Habit("the mean value traded in 20 bars is `ts_mean(quote_volume, 20)`"),
    "bars": Habit("an argument is named with one `=`: `ts_mean(close, bars=24)`"),
    "bar_index": Habit("a formula does not know where it stands; windows are constants"),
    "market_cap": Habit("the market value of a coin is `cap`", "cap"),
}
_TOP = re.compile(r"(top|bottom)_?([0-9]+)")
_LIBRARIES = ("np.", "numpy.", "pd.", "math.", "ta.", "talib.", "df.", "self.", "pl.")
_QLIB = frozenset(
    word
    for line in (
        "Ref Mean Std Var Skew Kurt Sum Corr Cov Max Min Rank Quantile Med Mad Slope Rsquare Resi",
        "Delta WMA EMA IdxMax IdxMin Abs Sign Log Power Greater Less If Gt Lt Ge Le Eq Ne And Or",
        "Not Count Mask",
    )
    for word in line.split()
)
# Names of arguments that are windows elsewhere.
WINDOWS = frozenset(
    ("window", "n", "d", "period", "periods", "length", "lookback", "timeperiod", "span", "days")
)


def called(word: str, operators: AbstractSet[str], values: AbstractSet[str]) -> Habit | None:
    """Say what an unknown operator is called here, if it is known from elsewhere."""
    if word in _QLIB and word.lower() not in operators:
        return Habit("this is written as in Qlib: use `--dialect qlib`, or write `delay(x, 1)`")
    library = next((prefix for prefix in _LIBRARIES if word.startswith(prefix)), "")
    name = word.removeprefix(library)
    owner, _, method = name.partition(".")
    if method and owner in values:
        return _method(owner, method, operators)
    plain = name.lower()
    if plain in _EXPLAINED:
        return Habit(_EXPLAINED[plain])
    meant = plain if library and plain in operators else _CALLED.get(plain, "")
    return Habit(f"write `{meant}`", meant) if meant in operators else None


def elsewhere(operator: str) -> tuple[str, ...]:
    """Return what other languages call an operator."""
    return tuple(word for word, meant in _CALLED.items() if meant == operator)


def _method(owner: str, method: str, operators: AbstractSet[str]) -> Habit:
    plain = method.lower()
    meant = plain if plain in operators else _CALLED.get(plain, "")
    if meant in operators:
        return Habit(f"a value is an argument, not an owner: `{meant}({owner}, ...)`")
    return Habit(f"a value is an argument, not an owner: `ts_mean({owner}, 24)`")


def named(word: str) -> Habit | None:
    """Say what an unknown value is called here, if it is known from elsewhere."""
    if word.startswith(_LIBRARIES):
        meant = word.partition(".")[2]
        return Habit(f"a field is named alone: `{meant}`", meant)
    if word.startswith("IndClass."):
        return Habit("this is written as in the alpha101 paper: use `--dialect alpha101`")
    top = _TOP.fullmatch(word)
    if top is not None:
        return Habit(f"a universe is written `top {top[2]} by quote_volume`")
    return _VALUES.get(word.lower())
