"""Attribution over a roll, a final settlement and a delisting: parts of a walk told another way."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.core.panel import Panel
from alphaforge.dsl.nodes import Field
from alphaforge.dsl.strategy import Costs, Portfolio, Rule, Strategy
from alphaforge.engine.attribution import SIDES
from alphaforge.engine.backtest import Backtest, backtest
from alphaforge.engine.roll import settlements
from alphaforge.tests.test_backtest_splits import EVALUATOR

Matrix = NDArray[np.float64]
HOUR = 3600
BARS = 80
START = int(datetime(2025, 2, 28, 8, tzinfo=UTC).timestamp())
SYMBOLS = ("BTC-250302", "BTC-250602", "ETH-250301", "SOLUSDT", "XRPUSDT")
# The bars from which each of some has none any more: deliveries at 8:00, and a delisting.
ENDS = {0: 48, 2: 24, 3: 61}
PLAN = Strategy(
    name="dated",
    signal=Field("tilt"),
    bar_seconds=HOUR,
    portfolio=Portfolio(Rule.PROPORTIONAL, None),
    # Every 5 hours: one trade is in the 4 hours before the delivery of BTC, none in those of ETH.
    rebalance_bars=5,
    costs=Costs(Decimal(7), Decimal(3), has_funding=True),
    roll_bars=4,
    factors=(("tilt", Field("tilt")), ("other", Field("other"))),
)


def market(seed: int) -> Panel:
    """BTC has a contract to roll into, ETH none; SOL is delisted at a bar, XRP stays."""
    rng = np.random.default_rng(seed)
    shape = (BARS, len(SYMBOLS))
    close = 100 * np.exp(rng.normal(0, 0.02, shape).cumsum(axis=0))
    opens = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0, 0.005, shape))
    # A sign holds for a decision or two, so that positions flip and last.
    tilt = np.repeat(rng.normal(size=(BARS // 8, shape[1])), 8, axis=0)
    funding = np.zeros(shape)
    funding[::8, 3:] = 1e-3 * rng.normal(size=funding[::8, 3:].shape)
    fields = {"open": opens, "close": close, "tilt": tilt, "other": rng.normal(size=shape)}
    fields |= {"index_close": close * 1.01, "funding_rate": funding, "mark_open": opens * 1.001}
    for values in fields.values():
        for column, end in ENDS.items():
            values[end:, column] = np.nan
    times = START + HOUR * np.arange(BARS, dtype=np.int64)
    return Panel("futures_1h", "snap_dated", HOUR, times, SYMBOLS, fields)


def walked(panel: Panel, found: Backtest) -> Matrix:
    """Return each name's gain from prices while it was held long, and short, bar by bar."""
    done, settled = found.simulation, settlements(panel)
    opens, closes = panel.fields["open"], panel.fields["close"]
    out = np.zeros((len(SIDES), len(SYMBOLS)))
    for column in range(len(SYMBOLS)):
        held = last = 0.0
        for bar, units in enumerate(done.units[:, column].tolist()):
            row = bar + found.start_row
            if np.isfinite(closes[row, column]):
                if held:
                    out[int(held < 0), column] += held * (opens[row, column] - last)
                if units:
                    move = closes[row, column] - opens[row, column]
                    out[int(units < 0), column] += units * move
                last = closes[row, column]
            elif held and not units and np.isfinite(settled[column]):
                out[int(held < 0), column] += held * (settled[column] - last)
            held = units
    return out


@pytest.mark.parametrize("seed", range(6))
def test_parts_add_up_over_a_roll_a_settlement_and_a_delisting(seed: int) -> None:
    panel = market(seed)
    found = backtest(PLAN, panel, EVALUATOR)
    done, parts = found.simulation, found.attribution
    assert parts is not None
    assert done.expired == ("ETH-250301",)
    assert done.delisted == ("SOLUSDT",)
    assert done.units[:, 0].any()
    assert done.units[:, 1].any()
    assert not (done.units[:, :2] != 0).all(axis=1).any()
    change = done.equity[-1] - done.capital
    for table in (parts.by_symbol, parts.by_side):
        assert table[0].sum() - table[1:].sum() == pytest.approx(change, rel=1e-9)
    paid = [done.fees.sum(), done.slippage.sum() - done.impact.sum(), done.impact.sum()]
    expected = [done.funding.sum(), *paid]
    assert expected[0] != 0
    for table in (parts.by_symbol, parts.by_side):
        assert table[1:].sum(axis=1) == pytest.approx(expected, rel=1e-9)
    gains = walked(panel, found)
    assert parts.by_symbol[0] == pytest.approx(gains.sum(axis=0), rel=1e-9, abs=1e-14)
    assert parts.by_side[0] == pytest.approx(gains.sum(axis=1), rel=1e-9)
    by_factor = float(parts.by_factor.sum()) + parts.residual
    assert by_factor == pytest.approx(gains.sum(), rel=1e-9)
