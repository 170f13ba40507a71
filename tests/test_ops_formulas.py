"""Formulas grown at random: no later bar and no order of instruments alters a byte of a value."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphaforge.core.clock import SteppedClock
from alphaforge.core.panel import Panel
from alphaforge.data import Lake
from alphaforge.dsl.nodes import Axis, Node, walk
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests import trees
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import signed_of, walk_of

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = 3600
FEW, MANY = 60, 2000
LEAST_SHARE = 0.5


def frame() -> pl.DataFrame:
    """Return the bars of nine instruments with gaps, a listing, a delisting, a halt and ties."""
    prices = {name: walk_of(number, 1.0) for number, name in enumerate(("open", "close"))}
    values = {
        **prices,
        "high": np.fmax(prices["open"], prices["close"]),
        "low": np.fmin(prices["open"], prices["close"]),
        "volume": np.abs(signed_of(2, 1e3)),
        "funding_rate": signed_of(3, 1e-4),
    }
    rows = [
        {
            "ts": int(START.timestamp()) + HOUR * t,
            "symbol": f"N{i}USDT",
            **{name: found[t, i] for name, found in values.items()},
        }
        for t, i in np.ndindex(prices["close"].shape)
        if all(np.isfinite(found[t, i]) for found in prices.values())
    ]
    return pl.DataFrame(rows).with_columns(pl.from_epoch("ts").dt.replace_time_zone("UTC"))


def stored(folder: Path, bars: pl.DataFrame, name: str) -> Panel:
    path = folder / f"{name}.parquet"
    bars.write_parquet(path)
    lake = Lake(folder / name, SteppedClock(START))
    lake.import_file(path, "perps")
    return lake.panel("perps", trees.FIELDS)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Panel, Panel]:
    """Import the same bars twice, by time, and by instrument from the last to the first."""
    folder, bars = tmp_path_factory.mktemp("lakes"), frame()
    other = bars.sort(["symbol", "ts"], descending=[True, False])
    assert other["symbol"][0] != bars["symbol"][0]
    return stored(folder, bars, "by_time"), stored(folder, other, "by_name")


def columns_of(panel: Panel, order: list[int]) -> Panel:
    """Return the panel with its instruments in another order, which no loader would give."""
    fields = {name: values[:, order].copy() for name, values in panel.fields.items()}
    symbols = tuple(panel.symbols[place] for place in order)
    return Panel("", "", HOUR, panel.times, symbols, fields, panel.first_bar)


def check(formula: Node, stop: int, order: list[int], orders: tuple[Panel, Panel]) -> bool:
    """Hold a formula to its promises; tell whether it has a value at all."""
    panel, other = orders
    (whole,) = EVALUATOR.evaluate([formula], panel)
    (cut,) = EVALUATOR.evaluate([formula], panel.rows(0, stop))
    assert cut.tobytes() == whole[:stop].tobytes()
    (again,) = EVALUATOR.evaluate([formula], other)
    assert again.tobytes() == whole.tobytes()
    # Across instruments sums are taken in the order of the panel, which the loader fixes.
    if all(node.axis is not Axis.CROSS for node in walk(formula)):
        (turned,) = EVALUATOR.evaluate([formula], columns_of(panel, order))
        assert turned.tobytes() == np.ascontiguousarray(whole[:, order]).tobytes()
    return bool(np.isfinite(whole).any())


def test_the_panel_has_the_same_bytes_in_whatever_order_its_bars_came(
    orders: tuple[Panel, Panel],
) -> None:
    panel, other = orders
    assert list(panel.symbols) == sorted(panel.symbols)
    assert panel.symbols == other.symbols
    for name, values in panel.fields.items():
        assert values.tobytes() == other.fields[name].tobytes()
        assert np.isnan(values).any()


STOPS = st.integers(1, len(walk_of(0, 1.0)))
ORDERS = st.permutations(list(range(walk_of(0, 1.0).shape[1])))


def check_many(count: int, depth: int, orders: tuple[Panel, Panel]) -> None:
    """Check so many formulas; most of them must have values to check."""
    has_values: list[bool] = []

    @settings(trees.tries(count))
    @given(formula=trees.formulas(depth), stop=STOPS, order=ORDERS)
    def each(formula: Node, stop: int, order: list[int]) -> None:
        has_values.append(check(formula, stop, order, orders))

    each()
    assert len(has_values) >= count
    assert np.mean(has_values) > LEAST_SHARE


@pytest.mark.timeout(300)  # Kernels may have to be compiled.
def test_D3_no_random_formula_sees_later_bars_or_the_order_of_instruments(
    orders: tuple[Panel, Panel],
) -> None:
    check_many(FEW, 3, orders)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_D3_nor_do_two_thousand(orders: tuple[Panel, Panel]) -> None:
    check_many(MANY, 4, orders)
