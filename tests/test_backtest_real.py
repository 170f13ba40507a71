"""A back-test on the real hourly panel: the crash is there, costs hurt, nothing leaks."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.core.registry import modules_in
from alphaforge.data.lake import Lake
from alphaforge.dsl import ops
from alphaforge.dsl.nodes import OPERATORS, Field, Node
from alphaforge.dsl.strategy import Costs, Portfolio, Strategy, Universe, Window
from alphaforge.engine.backtest import Backtest, backtest, span_of
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE, real_file

FIELDS = ("open", "close", "quote_volume", "mark_open", "funding_rate")


def call(name: str, *arguments: object) -> Node:
    assert list(modules_in(ops))
    return OPERATORS.members()[name](*arguments)


@pytest.mark.real_data
def test_a_reversal_on_real_perps_pays_its_costs_and_sees_the_crash(tmp_path: Path) -> None:
    lake = Lake(tmp_path, SystemClock())
    lake.import_file(real_file("open/binance_usdm_1h_2025.parquet"), "perps_1h")
    plan = Strategy(
        name="reversal",
        signal=call("rank", call("neg", call("delta", Field("close"), 24))),
        bar_seconds=3600,
        universe=Universe(top=15, by=call("ts_mean", Field("quote_volume"), 720)),
        portfolio=Portfolio(quantile=Decimal("0.2")),
        window=Window(date(2025, 6, 15), date(2025, 12, 15)),
    )
    start, end = span_of(plan)
    panel = lake.panel("perps_1h", FIELDS, start=start, end=end)
    evaluator = Evaluator(Kernels(KERNEL_CACHE))

    def run(strategy: Strategy) -> Backtest:
        return backtest(strategy, panel, evaluator)

    found = run(plan)
    simulation = found.simulation
    assert found.metrics["bars"] == 184 * 24
    assert found.metrics["frozen_orders"] == 0
    booked = 1 + simulation.price_pnl.sum() - simulation.funding.sum()
    booked -= simulation.fees.sum() + simulation.slippage.sum()
    assert simulation.equity[-1] == pytest.approx(booked, rel=1e-9)
    # Hourly funding settles at whole hours only where a rate is; 8-hour names at 00, 08 and 16.
    paid = simulation.funding_by_name[:, simulation.symbols.index("BTCUSDT")]
    hours = {
        datetime.fromtimestamp(int(second), UTC).hour for second in simulation.times[paid != 0]
    }
    assert hours == {0, 8, 16}
    crash = int(datetime(2025, 10, 10, 21, tzinfo=UTC).timestamp())
    moves = np.abs(simulation.price_pnl).sum(axis=1)
    assert int(simulation.times[int(moves.argmax())]) == crash
    free = run(replace(plan, costs=Costs(Decimal(0), Decimal(0), has_funding=False)))
    costly, cheap = found.metrics["total_return"], free.metrics["total_return"]
    assert costly is not None
    assert cheap is not None
    assert costly < cheap
    # What the signal knew does not depend on what trading cost.
    assert found.metrics["rank_ic_mean"] == free.metrics["rank_ic_mean"]
