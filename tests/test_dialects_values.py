"""Values of texts in other notations against pandas, computed without our operators."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pandas as pd
import pytest

from alphaforge.core.panel import Panel
from alphaforge.dsl import compile_text
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, panel_of
from alphaforge.tests.trees import CATALOGUE

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
ROWS, COLUMNS = 140, 8
# The first to need a kernel waits for it to be compiled.
pytestmark = pytest.mark.timeout(180)
Frame: TypeAlias = pd.DataFrame


def bars() -> dict[str, Matrix]:
    """Return bars of a seeded walk: the range holds open and close, a few cells are missing."""
    rng = np.random.default_rng(11)
    shape = (ROWS, COLUMNS)
    close = 100.0 * np.exp(0.02 * rng.standard_normal(shape).cumsum(axis=0))
    open_ = close * np.exp(0.01 * rng.standard_normal(shape))
    high = np.maximum(open_, close) * np.exp(0.005 * rng.random(shape))
    low = np.minimum(open_, close) * np.exp(-0.005 * rng.random(shape))
    volume = np.exp(3.0 + rng.standard_normal(shape))
    fields = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    fields["vwap"] = (high + low + close) / 3.0
    fields["quote_volume"] = fields["vwap"] * volume
    fields["funding_rate"] = 1e-4 * rng.standard_normal(shape)
    for values in fields.values():
        values[rng.random(shape) < 0.003] = np.nan
    fields["sector"] = np.tile(np.arange(COLUMNS) % 3, (ROWS, 1)).astype(np.float64)
    return fields


FIELDS = bars()
PANEL: Panel = panel_of(FIELDS)
O, H, L, C, V, W, Q, F = (  # noqa: E741
    Frame(FIELDS[name])
    for name in ("open", "high", "low", "close", "volume", "vwap", "quote_volume", "funding_rate")
)
SECTOR = FIELDS["sector"][0]
R = C / C.shift(1) - 1.0


def values(text: str, dialect: str) -> Matrix:
    made = compile_text(text, CATALOGUE, dialect=dialect)
    return EVALUATOR.evaluate([made.require().signal], PANEL)[0]


def rank(x: Frame) -> Frame:
    return x.rank(axis=1, pct=True)


def ts_rank(x: Frame, d: int) -> Frame:
    return x.rolling(d).rank(pct=True)


def decay(x: Frame, d: int) -> Frame:
    weights = np.arange(1.0, d + 1.0)
    return x.rolling(d).apply(lambda window: window @ weights / weights.sum(), raw=True)


def line(x: Frame, d: int, pick: Callable[[Matrix], float]) -> Frame:
    return x.rolling(d).apply(pick, raw=True)


def slope(window: Matrix) -> float:
    return float(np.polyfit(np.arange(len(window)), window, 1)[0])


def fit(window: Matrix) -> float:
    return float(np.corrcoef(np.arange(len(window)), window)[0, 1] ** 2)


def off(window: Matrix) -> float:
    steps = np.arange(len(window))
    return float(window[-1] - np.polyval(np.polyfit(steps, window, 1), steps[-1]))


def bars_ago(x: Frame, d: int, find: Callable[[Matrix], int]) -> Frame:
    return x.rolling(d).apply(lambda window: find(window[::-1]), raw=True)


def place(x: Frame, d: int, find: Callable[[Matrix], int]) -> Frame:
    return x.rolling(d).apply(lambda window: find(window) + 1, raw=True)


def where(condition: Frame, yes: Frame | float, no: Frame | float, *known: Frame) -> Frame:
    chosen = Frame(np.where(condition, yes, no))
    missing = np.logical_or.reduce([frame.isna() for frame in known])
    return chosen.mask(missing)


def truth(condition: Frame, *known: Frame) -> Frame:
    return where(condition, 1.0, 0.0, *known)


def by_sector(x: Frame, make: Callable[[pd.DataFrame], pd.DataFrame]) -> Frame:
    parts = [make(x.loc[:, group == SECTOR]) for group in np.unique(SECTOR)]
    return pd.concat(parts, axis=1)[x.columns]


def demeaned(x: Frame) -> Frame:
    return x.sub(x.mean(axis=1), axis=0)


def scaled(x: Frame, size: float = 1.0) -> Frame:
    return size * x.div(x.abs().sum(axis=1), axis=0)


def smaller(x: Frame, y: Frame) -> Frame:
    return Frame(np.minimum(x.to_numpy(), y.to_numpy()))


def larger(x: Frame, y: Frame | float) -> Frame:
    return Frame(np.maximum(x.to_numpy(), y if isinstance(y, float) else y.to_numpy()))


def corr(x: Frame, y: Frame, d: int) -> Frame:
    return x.rolling(d).corr(y)


def beta(y: Frame, x: Frame, d: int) -> Frame:
    return y.rolling(d).cov(x) / (x + 0 * y).rolling(d).var()


def alpha(y: Frame, x: Frame, d: int) -> Frame:
    known = 0 * x + 0 * y
    return (y + known).rolling(d).mean() - beta(y, x, d) * (x + known).rolling(d).mean()


def argmax(window: Matrix) -> int:
    return int(np.argmax(window))


def argmin(window: Matrix) -> int:
    return int(np.argmin(window))


ALPHA101: dict[str, Callable[[], Frame]] = {
    "(-1 * Correlation(Rank(Delta(Open, 2)), rank(volume), 10))": lambda: (
        -corr(rank(O.diff(2)), rank(V), 10)
    ),
    "(-1 * Ts_Rank(rank(low), 9.7))": lambda: -ts_rank(rank(L), 9),
    "((adv20 < volume) ? (-1 * delta(close, 7)) : (-1 * 1))": lambda: where(
        V.rolling(20).mean() < V, -C.diff(7), -1.0, V.rolling(20).mean(), V
    ).mask((V.rolling(20).mean() < V) & C.diff(7).isna()),
    "rank(Ts_ArgMax(SignedPower(((returns < 0) ? stddev(returns, 20) : close), 2.), 5))": lambda: (
        rank(bars_ago(where(R < 0, R.rolling(20).std(), C, R) ** 2, 5, argmax))
    ),
    "volume / adv15 - adv5 / volume": lambda: V / V.rolling(15).mean() - V.rolling(5).mean() / V,
    "rank(adv15) * Ts_ArgMin(low, 6)": lambda: rank(Q.rolling(15).mean()) * bars_ago(L, 6, argmin),
    "decay_linear(delta(vwap, 4.9), 7.2) / close": lambda: decay(W.diff(4), 7) / C,
    "min(close, 5) / max(high, 9)": lambda: C.rolling(5).min() / H.rolling(9).max(),
    "min(open, close) / max(open, vwap)": lambda: smaller(O, C) / larger(O, W),
    "(rank(vwap - close) / rank(vwap + close))": lambda: rank(W - C) / rank(W + C),
    "scale(correlation(close, volume, 8)) + Scale(returns, 3)": lambda: (
        scaled(corr(C, V, 8)) + scaled(R, 3.0)
    ),
    "IndNeutralize(close / open, IndClass.sector)": lambda: by_sector(C / O, demeaned),
    "covariance(returns, volume, 12.9) / sum(volume, 12)": lambda: (
        R.rolling(12).cov(V) / V.rolling(12).sum()
    ),
    "product((1 + returns), 6) - 1": lambda: (1 + R).rolling(6).apply(np.prod, raw=True) - 1,
    "(rank(returns)^rank(volume))": lambda: rank(R) ** rank(V),
    "(close > open) * -1": lambda: -truth(C > O, C, O),
    "((open < close) || (close == high)) ? delay(close, 2) : (-1 * delay(close, 3))": lambda: where(
        (O < C) | (C == H), C.shift(2), -C.shift(3), O, C, H
    ),
    "log(high / low) * sign(close - open) * abs(delta(close, 1))": lambda: (
        np.log(H / L) * np.sign(C - O) * C.diff().abs()
    ),
}
QLIB: dict[str, Callable[[], Frame]] = {
    "Mean($close,5)/$close": lambda: C.rolling(5).mean() / C,
    "Ref($close,3)/$close-1": lambda: C.shift(3) / C - 1,
    "Delta($volume,2)": lambda: V.diff(2),
    "Std($close,10)/Var($close,10)": lambda: C.rolling(10).std() / C.rolling(10).var(),
    "Skew($close,20)+Kurt($close,20)": lambda: C.rolling(20).skew() + C.rolling(20).kurt(),
    "Max($high,8)-Min($low,8)": lambda: H.rolling(8).max() - L.rolling(8).min(),
    "Med($close,7)": lambda: C.rolling(7).median(),
    "Mad($close,7)": lambda: C.rolling(7).apply(lambda x: np.abs(x - x.mean()).mean(), raw=True),
    "Rank($close,12)": lambda: ts_rank(C, 12),
    "Quantile($close,12,0.8)-Quantile($close,12,0.2)": lambda: (
        C.rolling(12).quantile(0.8) - C.rolling(12).quantile(0.2)
    ),
    "IdxMax($high,9)/9": lambda: place(H, 9, argmax) / 9,
    "IdxMin($low,9)": lambda: place(L, 9, argmin),
    "Slope($close,10)": lambda: line(C, 10, slope),
    "Rsquare($close,10)": lambda: line(C, 10, fit),
    "Resi($close,10)": lambda: line(C, 10, off),
    "Corr($close,Log($volume+1),10)": lambda: corr(C, np.log(V + 1), 10),
    "Cov($close,$volume,10)": lambda: C.rolling(10).cov(V),
    "Greater($open,$close)-Less($open,$close)": lambda: larger(O, C) - smaller(O, C),
    "If($close>$open,$volume,-1*$volume)": lambda: where(C > O, V, -V, C, O, V),
    "($close>$open)&($volume>Ref($volume,1))": lambda: truth(
        (C > O) & (V.shift(1) < V), C, O, V, V.shift(1)
    ),
    "Power($close/$open,2)*Sign($close-$open)": lambda: (C / O) ** 2 * np.sign(C - O),
    "-$close**2+$open*-2": lambda: -(C**2) - 2 * O,
    "WMA($close,5)": lambda: decay(C, 5) / 5,
    "5*WMA($close,5)": lambda: decay(C, 5),
    "Sum(Greater($close-Ref($close,1),0),6)": lambda: larger(C.diff(), 0.0).rolling(6).sum(),
}
BRAIN: dict[str, Callable[[], Frame]] = {
    "a = ts_mean(close, 5); b = ts_mean(close, 20); rank(a / b)": lambda: rank(
        C.rolling(5).mean() / C.rolling(20).mean()
    ),
    "-ts_delta(close, 5) / ts_std_dev(close, d=20)": lambda: -C.diff(5) / C.rolling(20).std(),
    "group_neutralize(close / open, sector)": lambda: by_sector(C / O, demeaned),
    "group_rank(returns, sector)": lambda: by_sector(R, rank),
    "group_zscore(returns, sector)": lambda: by_sector(
        R, lambda x: demeaned(x).div(x.std(axis=1), axis=0)
    ),
    "ts_zscore(volume, 15)": lambda: (V - V.rolling(15).mean()) / V.rolling(15).std(),
    "ts_scale(volume, 15)": lambda: (
        (V - V.rolling(15).min()) / (V.rolling(15).max() - V.rolling(15).min())
    ),
    "ts_arg_max(high, 9) - ts_arg_min(low, 9)": lambda: (
        bars_ago(H, 9, argmax) - bars_ago(L, 9, argmin)
    ),
    "ts_regression(returns, funding_rate, 15, rettype=2)": lambda: beta(R, F, 15),
    "ts_regression(returns, funding_rate, 15)": lambda: R - alpha(R, F, 15) - beta(R, F, 15) * F,
    "ts_regression(returns, funding_rate, 15, lag=2, rettype=1)": lambda: alpha(R, F.shift(2), 15),
    "ts_regression(returns, funding_rate, 15, 0, 6)": lambda: corr(R, F, 15) ** 2,
    "ts_decay_linear(returns, 8)": lambda: decay(R, 8),
    "ts_av_diff(close, 5)": lambda: C - C.rolling(5).mean(),
    "ts_backfill(close, 4)": lambda: C.ffill(limit=3).mask(
        Frame(np.arange(ROWS)[:, None] < [3] * COLUMNS)
    ),
    "ts_count_nans(close, 30)": lambda: (
        C.isna().astype(float).rolling(30).sum().where(lambda x: x.notna())
    ),
    "zscore(returns) + scale(returns, scale=2)": lambda: (
        demeaned(R).div(R.std(axis=1), axis=0) + scaled(R, 2.0)
    ),
    "add(returns, ts_delay(returns, 1), filter=true)": lambda: R.fillna(0) + R.shift(1).fillna(0),
    "volume > adv20 && close > open ? 1 : 0.5": lambda: where(
        (V.rolling(20).mean() < V) & (C > O), 1.0, 0.5, V.rolling(20).mean(), V, C, O
    ),
    "s_log_1p(ts_delta(close, 2))": lambda: np.sign(C.diff(2)) * np.log1p(C.diff(2).abs()),
    "normalize(rank(returns))": lambda: demeaned(rank(R)),
    "ts_ir(returns, 12)": lambda: R.rolling(12).mean() / R.rolling(12).std(),
    "ts_covariance(volume, close, 9) * inverse(close)": lambda: V.rolling(9).cov(C) / C,
    "tail(rank(returns), lower=0.3, upper=0.7, newval=0)": lambda: (
        rank(R).where(~((rank(R) > 0.3) & (rank(R) < 0.7)), 0.0).mask(R.isna())
    ),
}
CASES = [
    (dialect, text, want)
    for dialect, table in (("alpha101", ALPHA101), ("qlib", QLIB), ("brain", BRAIN))
    for text, want in table.items()
]


@pytest.mark.parametrize(
    ("dialect", "text", "want"), CASES, ids=[f"{name} {text}" for name, text, _ in CASES]
)
def test_values_are_those_that_pandas_computes(
    dialect: str, text: str, want: Callable[[], Frame]
) -> None:
    got, expected = values(text, dialect), want().to_numpy(dtype=np.float64)
    assert np.isfinite(expected).sum() > 300
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


def test_an_exponential_mean_is_that_of_pandas_from_the_first_finite_bar() -> None:
    whole = {name: np.nan_to_num(x, nan=float(np.nanmean(x))) for name, x in FIELDS.items()}
    made = compile_text("EMA($close, 12) - EMA($close, 0.1)", CATALOGUE, dialect="qlib")
    got = EVALUATOR.evaluate([made.require().signal], panel_of(whole))[0]
    close = Frame(whole["close"])
    want = (close.ewm(span=12).mean() - close.ewm(alpha=0.1).mean()).to_numpy()
    there = np.isfinite(got)
    assert there[40:].all()
    np.testing.assert_allclose(got[there], want[there], rtol=1e-9, atol=1e-9)
