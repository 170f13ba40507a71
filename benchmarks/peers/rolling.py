"""Alpha158's rolling windows in numbagg, bottleneck, pandas and polars; runs in the peers' venv.

Arrays are ``[instrument, time]`` for numbagg and bottleneck, which are fastest along the last
axis; pandas and polars get a frame with a column an instrument. Windows are strict everywhere. A
line on stdin names a library; the answer is a JSON object of seconds by window. What a library has
no compiled call for is left to the others: the figure to beat is the least of each window.
"""

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import bottleneck as bn
import numbagg
import numpy as np
import pandas as pd
import polars as pl

WINDOWS = (5, 10, 20, 30, 60)
Arrays = dict[str, np.ndarray]
Calls = dict[str, Callable[[int], object]]
PLAIN = (
    *("mean close", "std close", "mean volume", "std volume", "mean moved", "std moved"),
    *("mean rise", "mean fall", "sum up", "sum down", "sum change"),
    *("sum more", "sum less", "sum volume_change"),
)
PAIRS = ("close log_volume", "ratio volume_ratio")


def inputs(bars: Arrays) -> Arrays:
    """Compute what the windows run over; the same numpy for every library."""
    close, volume = bars["close"], bars["volume"]
    before, volume_before = np.full_like(close, np.nan), np.full_like(volume, np.nan)
    before[:, 1:], volume_before[:, 1:] = close[:, :-1], volume[:, :-1]
    change, volume_change = close - before, volume - volume_before
    ratio = close / before
    return {
        **bars,
        "ratio": ratio,
        "log_volume": np.log(volume + 1),
        "volume_ratio": np.log(volume / volume_before + 1),
        "up": np.maximum(change, 0),
        "down": np.maximum(-change, 0),
        "change": np.abs(change),
        "more": np.maximum(volume_change, 0),
        "less": np.maximum(-volume_change, 0),
        "volume_change": np.abs(volume_change),
        "rise": np.where(np.isnan(change), np.nan, change > 0),
        "fall": np.where(np.isnan(change), np.nan, change < 0),
        "moved": np.abs(ratio - 1) * volume,
        "time": np.broadcast_to(np.arange(close.shape[1], dtype=np.float64), close.shape).copy(),
    }


def finish(bars: Arrays, windowed: np.ndarray) -> None:
    """Put the columns together: as many quotients, sums and shifts as the set has."""
    close, tiny = bars["close"], 1e-12
    high, low, start = bars["high"], bars["low"], bars["open"]
    top, bottom, span = np.maximum(start, close), np.minimum(start, close), high - low + tiny
    for upper in (close - start, high - low, high - top, bottom - low, 2 * close - high - low):
        _ = upper / start, upper / span
    for name in ("open", "high", "low", "vwap"):
        _ = bars[name] / close
    for _ in WINDOWS:
        for _ in range(8):  # ROC MA STD BETA RESI MAX MIN and both quantiles: over the close.
            _ = windowed / close
        _ = windowed / close
        _ = (close - windowed) / (windowed - windowed + tiny)
        _ = windowed / 5.0, windowed / 5.0, (windowed - windowed) / 5.0
        _ = windowed - windowed
        for _ in range(2):
            total = windowed + tiny
            _ = windowed / total, windowed / total, (windowed - windowed) / total
        _ = windowed / (bars["volume"] + tiny), windowed / (bars["volume"] + tiny)
        _ = windowed / (windowed + tiny)
        _ = windowed - windowed - windowed * 2.0  # The residual from mean and slope.


def with_numbagg(x: Arrays) -> Calls:
    """Return numbagg's windows: moments only."""
    plain = {"mean": numbagg.move_mean, "std": numbagg.move_std, "sum": numbagg.move_sum}
    calls: Calls = {}
    for name in PLAIN:
        how, field = name.split()
        calls[name] = lambda d, f=plain[how], v=x[field]: f(v, window=d, min_count=d)
    for name in (*PAIRS, "close time"):
        one, other = (x[field] for field in name.split())
        calls[f"corr {name}"] = lambda d, a=one, b=other: numbagg.move_corr(
            a, b, window=d, min_count=d
        )
    calls["slope close"] = lambda d: (
        numbagg.move_cov(x["close"], x["time"], window=d, min_count=d) / (d * (d + 1) / 12)
    )
    return calls


def with_bottleneck(x: Arrays) -> Calls:
    """Return bottleneck's windows; moments of two series by sums, which lose digits."""
    plain = {"mean": bn.move_mean, "sum": bn.move_sum}
    calls: Calls = {}
    for name in PLAIN:
        how, field = name.split()
        if how == "std":
            calls[name] = lambda d, v=x[field]: bn.move_std(v, d, ddof=1)
        else:
            calls[name] = lambda d, f=plain[how], v=x[field]: f(v, d)
    for name in (*PAIRS, "close time"):
        one, other = (x[field] for field in name.split())
        calls[f"corr {name}"] = lambda d, a=one, b=other: (
            (bn.move_mean(a * b, d) - bn.move_mean(a, d) * bn.move_mean(b, d))
            / (bn.move_std(a, d) * bn.move_std(b, d))
        )
    calls["slope close"] = lambda d: (
        (
            bn.move_mean(x["close"] * x["time"], d)
            - bn.move_mean(x["close"], d) * (x["time"] - (d - 1) / 2)
        )
        / ((d * d - 1) / 12)
    )
    calls["max high"] = lambda d: bn.move_max(x["high"], d)
    calls["min low"] = lambda d: bn.move_min(x["low"], d)
    calls["argmax high"] = lambda d: bn.move_argmax(x["high"], d)
    calls["argmin low"] = lambda d: bn.move_argmin(x["low"], d)
    calls["rank close"] = lambda d: bn.move_rank(x["close"], d)
    return calls


def with_pandas(x: Arrays) -> Calls:
    """Return pandas' windows; positions of extremes would be Python calls and are left out."""
    frames = {name: pd.DataFrame(values.T) for name, values in x.items()}
    calls: Calls = {}
    for name in (*PLAIN, "max high", "min low"):
        how, field = name.split()
        calls[name] = lambda d, h=how, f=frames[field]: getattr(f.rolling(d), h)()
    for name in (*PAIRS, "close time"):
        one, other = (frames[field] for field in name.split())
        calls[f"corr {name}"] = lambda d, a=one, b=other: a.rolling(d).corr(b)
    calls["slope close"] = lambda d: frames["close"].rolling(d).cov(frames["time"])
    calls["rank close"] = lambda d: frames["close"].rolling(d).rank(pct=True)
    for share in (0.8, 0.2):
        calls[f"quantile {share}"] = lambda d, q=share: frames["close"].rolling(d).quantile(q)
    return calls


def with_polars(x: Arrays) -> Calls:
    """Return polars' windows over wide frames; what is missing is null."""
    frames = {name: pl.DataFrame(values.T).fill_nan(None) for name, values in x.items()}
    whole = {name: frame.rename(lambda c, n=name: f"{n}.{c}") for name, frame in frames.items()}
    calls: Calls = {}
    for name in (*PLAIN, "max high", "min low"):
        how, field = name.split()
        calls[name] = lambda d, h=f"rolling_{how}", f=frames[field]: f.select(
            getattr(pl.all(), h)(d)
        )
    for name in (*PAIRS, "close time"):
        one, other = name.split()
        both = pl.concat([whole[one], whole[other]], how="horizontal")
        columns = frames[one].columns
        make = pl.rolling_cov if name == "close time" else pl.rolling_corr
        calls[f"corr {name}" if make is pl.rolling_corr else "slope close"] = (
            lambda d, f=both, a=one, b=other, c=columns, m=make: f.select(
                [m(f"{a}.{n}", f"{b}.{n}", window_size=d).alias(n) for n in c]
            )
        )
    calls["rank close"] = lambda d: frames["close"].select(pl.all().rolling_rank(d))
    for share in (0.8, 0.2):
        calls[f"quantile {share}"] = lambda d, q=share: frames["close"].select(
            pl.all().rolling_quantile(q, interpolation="linear", window_size=d)
        )
    return calls


LIBRARIES = {
    "numbagg": with_numbagg,
    "bottleneck": with_bottleneck,
    "pandas": with_pandas,
    "polars": with_polars,
}


def timed(calls: Calls) -> Iterator[tuple[str, float]]:
    """Time each window once; quick ones thrice."""
    for name, call in calls.items():
        for bars in WINDOWS:
            took = []
            while len(took) < 3 and sum(took) < 0.3:
                begun = time.perf_counter()
                call(bars)
                took.append(time.perf_counter() - begun)
            yield f"{name} {bars}", min(took)


def main() -> None:
    """Answer line by line until stdin ends."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    bars = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    small = inputs({name: values[:2, :200] for name, values in bars.items()})
    for call in with_numbagg(small).values():
        call(5)  # numbagg compiles at the first call.
    x = inputs(bars)
    for line in sys.stdin:
        found = dict(timed(LIBRARIES[line.strip()](x)))
        begun = time.perf_counter()
        inputs(bars)
        finish(x, x["up"])
        found["elementwise"] = time.perf_counter() - begun
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
