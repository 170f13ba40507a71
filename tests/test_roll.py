"""Dated contracts: one causal series for signals, real contracts and real costs for the book."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import InvalidInputError
from alphaforge.core.panel import Panel
from alphaforge.core.symbols import delivery_of
from alphaforge.data.lake import Lake
from alphaforge.data.market import simulate_market
from alphaforge.data.market_dated import dated_contracts
from alphaforge.dsl import compile_text
from alphaforge.dsl.nodes import Field
from alphaforge.dsl.strategy import Costs, Portfolio, Rule, Strategy
from alphaforge.engine.backtest import backtest
from alphaforge.engine.batch import backtest_many
from alphaforge.engine.roll import NOBODY, rolled, settlements
from alphaforge.execution.signals import EngineSignals
from alphaforge.tests.test_backtest_splits import EVALUATOR
from alphaforge.tests.test_cli import answer
from alphaforge.tests.trees import CATALOGUE

Matrix = NDArray[np.float64]
HOUR = 3600
NAN = np.nan
# Delivery of BTC-250303 is at 8:00; with a roll of 4 bars it is left from the open of 4:00 on.
START = int(datetime(2025, 3, 3, tzinfo=UTC).timestamp())


def tiny() -> Panel:
    """Two contracts on one coin: the near one trades at 100 + hour, the far one a tenth above."""
    near = np.arange(100.0, 112.0)
    far = near * 1.1
    close = np.column_stack([near, far])
    close[8:, 0] = NAN
    opens = close - 0.5
    return Panel(
        dataset="futures_1h",
        snapshot="snap_tiny",
        bar_seconds=HOUR,
        times=START + HOUR * np.arange(12, dtype=np.int64),
        symbols=("BTC-250303", "BTC-250603"),
        fields={"open": opens, "close": close, "volume": np.ones(close.shape)},
    )


def test_the_series_changes_contract_without_a_return() -> None:
    found = rolled(tiny(), 4)
    assert found.panel.symbols == ("BTC",)
    # Nothing is known to be listed at the first bar; from 4:00 on the far one is held.
    assert found.held[:, 0].tolist() == [NOBODY, 0, 0, 0, *[1] * 8]
    close = found.panel.fields["close"][:, 0]
    assert np.isnan(close[0])
    assert close[1:] == pytest.approx(np.arange(101.0, 112.0))
    assert found.panel.fields["open"][4, 0] == pytest.approx((104 * 1.1 - 0.5) / 1.1)
    assert found.panel.fields["volume"][4, 0] == 1.0


def test_the_book_rolls_at_the_open_and_pays_for_two_orders() -> None:
    plan = Strategy(
        name="hold",
        signal=Field("close"),
        bar_seconds=HOUR,
        portfolio=Portfolio(Rule.PROPORTIONAL, None),
        rebalance_bars=2,
        costs=Costs(Decimal(10), Decimal(0), has_funding=False),
        roll_bars=4,
    )
    found = backtest(plan, tiny(), EVALUATOR)
    done = found.simulation
    assert done.symbols == ("BTC-250303", "BTC-250603")
    # Bought at 2:00 for all the capital of 1, at an open of 101.5, for 10 bp.
    first = int(done.times[0] - START) // HOUR
    assert first == 2
    units = 1 / 101.5
    assert done.units[0] == pytest.approx([units, 0])
    assert done.fees[0] == pytest.approx(0.001)
    # At 4:00 the near one opens at 103.5, the far one at 114.4 - 0.5.
    worth = 1 - 0.001 + units * (103.5 - 101.5)
    far = worth / (104 * 1.1 - 0.5)
    assert done.units[2] == pytest.approx([0, far])
    assert done.fees[2] == pytest.approx(0.001 * (units * 103.5 + worth))
    cash = worth - done.fees[2] - worth
    assert done.equity[2] == pytest.approx(cash + far * 104 * 1.1)
    # Nothing is left of the near one when it expires.
    assert not done.delisted
    assert done.trades >= 3


def test_what_is_held_at_delivery_is_settled_at_the_mean_of_the_last_hour() -> None:
    panel = tiny()
    close = panel.fields["close"]
    # The far one never trades in time: the near one is kept, and delivered at 8:00.
    fields = {**panel.fields, "close": close.copy(), "open": panel.fields["open"].copy()}
    for name in ("open", "close"):
        fields[name][1:, 1] = NAN
    on = replace(panel, fields=fields)
    assert settlements(on)[0] == close[7, 0]
    index = np.full(close.shape, 90.0)
    assert settlements(replace(on, fields={**fields, "index_close": index}))[0] == 90.0
    # On bars of a quarter of an hour it is the mean of four; the last of them ends at delivery.
    quarter = replace(on, bar_seconds=900, times=START + 8 * HOUR - 900 * np.arange(8, -4, -1))
    assert settlements(quarter)[0] == pytest.approx(close[4:8, 0].mean())
    # One whose bars end early is not delivered.
    fields["close"][6:, 0] = NAN
    assert np.isnan(settlements(on)[0])


def test_a_bounded_turnover_leaves_a_rest_that_is_settled() -> None:
    plan = Strategy(
        name="hold",
        signal=Field("close"),
        bar_seconds=HOUR,
        portfolio=Portfolio(Rule.PROPORTIONAL, None, turnover_max=Decimal("0.5")),
        rebalance_bars=2,
        costs=Costs(Decimal(10), Decimal(0), has_funding=False),
        roll_bars=4,
    )
    done = backtest(plan, tiny(), EVALUATOR).simulation
    assert done.expired == ("BTC-250303",)
    assert not done.delisted
    row = int(np.flatnonzero(done.times == START + 8 * HOUR)[0])
    assert done.units[row - 1, 0] > 0
    assert done.units[row, 0] == 0


def test_no_value_of_the_series_changes_when_later_bars_come() -> None:
    panel = dated()
    whole = rolled(panel, 48)
    for stop in (400, 900, 1000):
        cut = rolled(panel.rows(0, stop), 48)
        assert np.array_equal(cut.held, whole.held[:stop])
        for name, values in cut.panel.fields.items():
            np.testing.assert_array_equal(values, whole.panel.fields[name][:stop])


def dated() -> Panel:
    """Return the panel of a simulated market of contracts, in the order of its symbols."""
    table, truth = simulate_market(5, instruments=5, bars=24 * 60)
    contracts, _ = dated_contracts(table, truth, seed=5)
    names = np.array(contracts.column("symbol").to_pylist())
    seconds = np.array(contracts.column("ts").cast("int64").to_pylist()) // 1000
    symbols, columns = np.unique(names, return_inverse=True)
    times = np.arange(seconds.min(), seconds.max() + 1, HOUR)
    fields: dict[str, Matrix] = {}
    for name in ("open", "high", "low", "close", "volume"):
        fields[name] = np.full((len(times), len(symbols)), NAN)
        rows = (seconds - times[0]) // HOUR
        fields[name][rows, columns] = contracts.column(name).to_numpy()
    return Panel("futures_1h", "snap", HOUR, times, tuple(map(str, symbols)), fields)


def test_contracts_meet_the_coin_at_their_delivery() -> None:
    table, truth = simulate_market(5, instruments=5, bars=24 * 60)
    coin = dict(
        zip(
            zip(table.column("symbol").to_pylist(), table.column("ts").to_pylist(), strict=True),
            table.column("close").to_pylist(),
            strict=True,
        )
    )
    contracts, source = dated_contracts(table, truth, seed=5)
    assert source.is_synthetic
    basis: dict[int, list[float]] = {}
    for symbol, ts, close in zip(
        *(contracts.column(name).to_pylist() for name in ("symbol", "ts", "close")), strict=True
    ):
        found = delivery_of(symbol)
        assert found is not None
        left = found[1] - int(ts.timestamp()) - HOUR
        basis.setdefault(left, []).append(close / coin[found[0], ts] - 1)
    assert max(map(abs, basis[0])) == 0
    assert np.mean(np.abs(basis[20 * 86400])) > np.mean(np.abs(basis[5 * 86400])) > 0


TEXT = """strategy carry {
  data futures_1h bar 1h, roll 3d
  signal rank(-returns(close, 24h))
  portfolio long_short quantile 40%
  rebalance every 8h
  backtest 2024-01-10 .. 2024-02-25
}"""


def test_a_data_set_of_contracts_is_imported_rolled_and_booked(tmp_path: Path) -> None:
    table, truth = simulate_market(5, instruments=6, bars=24 * 60)
    contracts, _ = dated_contracts(table, truth, seed=5)
    pq.write_table(contracts, tmp_path / "futures.parquet")
    lake = Lake(tmp_path / "lake", SteppedClock(datetime(2025, 1, 1, tzinfo=UTC)))
    card = lake.import_file(tmp_path / "futures.parquet", "futures_1h")
    assert {info.asset_class.value for info in card.infos()} == {"future"}
    panel = lake.panel("futures_1h", ["open", "close"])
    plan = compile_text(TEXT, CATALOGUE).require()
    assert plan.roll_bars == 72
    found = backtest(plan, panel, EVALUATOR)
    done = found.simulation
    expiries = np.array([(delivery_of(name) or ("", 0))[1] for name in done.symbols])
    is_held = done.units != 0
    # All are gone before their delivery, by orders, and one coin is never held in two contracts.
    # The market ends one coin, and with it the contracts on it.
    assert not done.expired
    ended = {name for name, _ in truth.delisted_at}
    assert {name.partition("_")[0] for name in done.delisted} <= ended
    left = expiries[None, :] - done.times[:, None]
    assert (left[is_held] > (72 - 8 - 1) * HOUR).all()
    coins = np.array([name.partition("_")[0] for name in done.symbols])
    for coin in np.unique(coins):
        assert is_held[:, coins == coin].sum(axis=1).max() <= 1
    assert len({done.symbols[at] for at in np.flatnonzero(is_held.any(axis=0))}) > 6
    total = done.price_pnl.sum() - done.fees.sum() - done.slippage.sum() - done.funding.sum()
    assert done.equity[-1] == pytest.approx(1 + total, rel=1e-12)
    # Many at once, and one by one: the same.
    ((place, again),) = backtest_many([plan], panel, EVALUATOR)
    assert place == 0
    assert np.array_equal(again.simulation.equity, done.equity)  # type: ignore[union-attr]
    with pytest.raises(InvalidInputError, match="not traded yet"):
        EngineSignals(plan, panel, EVALUATOR)(int(panel.times[-1]))


def test_a_data_set_without_contracts_does_not_roll() -> None:
    bare = replace(tiny(), symbols=("BTCUSDT", "ETHUSDT"))
    with pytest.raises(InvalidInputError, match="no contract with a day of delivery"):
        rolled(bare, 4)


def test_a_perpetual_beside_its_contracts_stays_what_it_is() -> None:
    both = replace(tiny(), symbols=("BTCUSDT", "BTCUSDT_250603"))
    found = rolled(both, 4)
    assert found.panel.symbols == ("BTCUSDT", "BTCUSDT_dated")
    assert np.array_equal(found.panel.fields["close"][:, 0], both.fields["close"][:, 0], True)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_contracts_go_from_a_file_to_a_rolled_run_on_the_command_line(tmp_path: Path) -> None:
    table, truth = simulate_market(5, instruments=6, bars=24 * 60)
    contracts, _ = dated_contracts(table, truth, seed=5)
    pq.write_table(contracts, tmp_path / "futures.parquet")
    (tmp_path / "carry.af").write_text(TEXT)
    home = tmp_path / "home"
    file = str(tmp_path / "futures.parquet")
    card = answer(home, "data", "import", file, "--name", "futures_1h")
    assert "SIM00USDT_240131" in json.dumps(card)
    done = answer(home, "run", str(tmp_path / "carry.af"))
    panel = Lake(home / "lake", SteppedClock(datetime(2025, 1, 1, tzinfo=UTC))).panel(
        "futures_1h", ["open", "close"]
    )
    expected = backtest(compile_text(TEXT, CATALOGUE).require(), panel, EVALUATOR).metrics
    assert float(done["metrics"]["trades"]) == expected["trades"]
    total = expected["total_return"]
    assert total is not None
    assert float(done["metrics"]["total_return"]) == pytest.approx(total, rel=1e-9)
