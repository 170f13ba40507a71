"""Alpha158 and Alpha360: all there, all compile, and their values are those of pandas."""

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
import pandas as pd
import pytest

from alphaforge.dsl import Compilation, compile_text
from alphaforge.dsl.feature_sets import NAMES, feature_set
from alphaforge.dsl.feature_sets.alpha158 import FAMILIES, WINDOWS
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, panel_of
from alphaforge.tests.trees import CATALOGUE

# The first to need a kernel waits for it to be compiled.
pytestmark = pytest.mark.timeout(180)
Frame: TypeAlias = pd.DataFrame
ROWS, COLUMNS = 150, 4
COUNTS = {"alpha158": 158, "alpha360": 360}


def bars() -> dict[str, Matrix]:
    rng = np.random.default_rng(5)
    shape = (ROWS, COLUMNS)
    close = 50.0 * np.exp(0.02 * rng.standard_normal(shape).cumsum(axis=0))
    open_ = close * np.exp(0.01 * rng.standard_normal(shape))
    high = np.maximum(open_, close) * np.exp(0.005 * rng.random(shape))
    low = np.minimum(open_, close) * np.exp(-0.005 * rng.random(shape))
    fields = {"open": open_, "high": high, "low": low, "close": close}
    return {**fields, "vwap": (high + low + close) / 3, "volume": np.exp(rng.normal(3, 1, shape))}


FIELDS = bars()
O, H, L, C, V = (Frame(FIELDS[name]) for name in ("open", "high", "low", "close", "volume"))  # noqa: E741
TINY = 1e-12
TOP, BOTTOM = np.maximum(O, C), np.minimum(O, C)
RANGE = H - L + TINY
CANDLE: dict[str, Frame] = {
    "KMID": (C - O) / O,
    "KLEN": (H - L) / O,
    "KMID2": (C - O) / RANGE,
    "KUP": (H - TOP) / O,
    "KUP2": (H - TOP) / RANGE,
    "KLOW": (BOTTOM - L) / O,
    "KLOW2": (BOTTOM - L) / RANGE,
    "KSFT": (2 * C - H - L) / O,
    "KSFT2": (2 * C - H - L) / RANGE,
    "OPEN0": O / C,
    "HIGH0": H / C,
    "LOW0": L / C,
    "VWAP0": Frame(FIELDS["vwap"]) / C,
}


def polyfit(x: Frame, d: int, pick: Callable[[Matrix, Matrix], float]) -> Frame:
    steps = np.arange(1.0, d + 1.0)
    return x.rolling(d).apply(lambda window: pick(steps, window), raw=True)


def slope(steps: Matrix, window: Matrix) -> float:
    return float(np.polyfit(steps, window, 1)[0])


def fit(steps: Matrix, window: Matrix) -> float:
    return float(np.corrcoef(steps, window)[0, 1] ** 2)


def off(steps: Matrix, window: Matrix) -> float:
    return float(window[-1] - np.polyval(np.polyfit(steps, window, 1), steps[-1]))


def place(x: Frame, d: int, find: Callable[[Matrix], np.intp]) -> Frame:
    return x.rolling(d).apply(lambda window: int(find(window)) + 1, raw=True)


def share(x: Frame, d: int, sign: float) -> Frame:
    """Return how much of all that moved in a window moved up, or down."""
    moved = x.diff()
    return (sign * moved).clip(lower=0).rolling(d).sum() / (moved.abs().rolling(d).sum() + TINY)


def counted(d: int, sign: float) -> Frame:
    moved = C.diff()
    hits = (sign * moved > 0).astype(float).mask(moved.isna())
    return hits.rolling(d).mean()


def weighed(d: int) -> Frame:
    moved = (C / C.shift(1) - 1).abs() * V
    return moved.rolling(d).std() / (moved.rolling(d).mean() + TINY)


ROLLING: dict[str, Callable[[int], Frame]] = {
    "ROC": lambda d: C.shift(d) / C,
    "MA": lambda d: C.rolling(d).mean() / C,
    "STD": lambda d: C.rolling(d).std() / C,
    "BETA": lambda d: polyfit(C, d, slope) / C,
    "RSQR": lambda d: polyfit(C, d, fit),
    "RESI": lambda d: polyfit(C, d, off) / C,
    "MAX": lambda d: H.rolling(d).max() / C,
    "MIN": lambda d: L.rolling(d).min() / C,
    "QTLU": lambda d: C.rolling(d).quantile(0.8) / C,
    "QTLD": lambda d: C.rolling(d).quantile(0.2) / C,
    "RANK": lambda d: C.rolling(d).rank(pct=True),
    "RSV": lambda d: (C - L.rolling(d).min()) / (H.rolling(d).max() - L.rolling(d).min() + TINY),
    "IMAX": lambda d: place(H, d, np.argmax) / d,
    "IMIN": lambda d: place(L, d, np.argmin) / d,
    "IMXD": lambda d: (place(H, d, np.argmax) - place(L, d, np.argmin)) / d,
    "CORR": lambda d: C.rolling(d).corr(np.log(V + 1)),
    "CORD": lambda d: (C / C.shift(1)).rolling(d).corr(np.log(V / V.shift(1) + 1)),
    "CNTP": lambda d: counted(d, 1.0),
    "CNTN": lambda d: counted(d, -1.0),
    "CNTD": lambda d: counted(d, 1.0) - counted(d, -1.0),
    "SUMP": lambda d: share(C, d, 1.0),
    "SUMN": lambda d: share(C, d, -1.0),
    "SUMD": lambda d: share(C, d, 1.0) - share(C, d, -1.0),
    "VMA": lambda d: V.rolling(d).mean() / (V + TINY),
    "VSTD": lambda d: V.rolling(d).std() / (V + TINY),
    "WVMA": weighed,
    "VSUMP": lambda d: share(V, d, 1.0),
    "VSUMN": lambda d: share(V, d, -1.0),
    "VSUMD": lambda d: share(V, d, 1.0) - share(V, d, -1.0),
}


@cache
def compiled(name: str) -> dict[str, Compilation]:
    return {
        feature: compile_text(text, CATALOGUE, dialect="qlib")
        for feature, text in feature_set(name).items()
    }


@cache
def values(name: str) -> dict[str, Matrix]:
    made = compiled(name)
    signals = [item.require().signal for item in made.values()]
    found = Evaluator(Kernels(KERNEL_CACHE)).evaluate(signals, panel_of(FIELDS))
    return dict(zip(made, found, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_each_set_has_as_many_features_as_published_and_all_compile(name: str) -> None:
    made = compiled(name)
    assert len(made) == COUNTS[name]
    assert [feature for feature, item in made.items() if not item.is_ok] == []
    assert len({item.fingerprint for item in made.values()}) == COUNTS[name]


def assert_close(got: Matrix, want: Frame) -> None:
    expected = want.to_numpy(dtype=np.float64)
    assert np.isfinite(expected).sum() > COLUMNS * (ROWS - 2 * max(WINDOWS))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_windows_of_each_family_are_those_of_pandas(family: str) -> None:
    assert set(FAMILIES) == set(ROLLING)
    for bars_ in WINDOWS:
        assert_close(values("alpha158")[f"{family}{bars_}"], ROLLING[family](bars_))


@pytest.mark.parametrize("name", CANDLE)
def test_the_shapes_of_a_candle_are_those_of_pandas(name: str) -> None:
    assert_close(values("alpha158")[name], CANDLE[name])


@pytest.mark.parametrize("field", ["close", "open", "high", "low", "vwap", "volume"])
def test_the_lags_of_alpha360_are_those_of_pandas(field: str) -> None:
    under = V + TINY if field == "volume" else C
    for lag in (0, 1, 7, 30, 59):
        want = Frame(FIELDS[field]).shift(lag) / under
        assert_close(values("alpha360")[f"{field.upper()}{lag}"], want)


def test_what_is_listed_compiles_again_in_either_notation() -> None:
    for made in (*compiled("alpha158").values(), *compiled("alpha360").values()):
        again = compile_text(made.canonical, CATALOGUE)
        assert again.fingerprint == made.fingerprint


@pytest.mark.parametrize(
    ("difference", "up", "down"),
    [("CNTD", "CNTP", "CNTN"), ("SUMD", "SUMP", "SUMN"), ("VSUMD", "VSUMP", "VSUMN")],
)
def test_E9_columns_that_depend_on_each_other_are_all_there(
    difference: str, up: str, down: str
) -> None:
    found = values("alpha158")
    for bars_ in WINDOWS:
        whole = found[f"{difference}{bars_}"]
        parts = found[f"{up}{bars_}"] - found[f"{down}{bars_}"]
        assert np.isfinite(whole).any()
        np.testing.assert_allclose(whole, parts, rtol=1e-9, atol=1e-9)
