"""What trades decides as the back-test did, whatever a formula remembers."""

from decimal import Decimal

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl import compile_text
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.strategy import Strategy
from alphaforge.engine.incremental import Following
from alphaforge.engine.kernels import Kernels
from alphaforge.execution.signals import EngineSignals
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.test_backtest_strategy import panel, run, strategy

KERNELS = Kernels(KERNEL_CACHE)
FORMULAS = (
    "rank(-returns(close, 24))",
    "rank(close / ema(close, 24))",
    "hump(rank(-returns(close, 24)), 0.05)",
    "fill(trade_when(returns > 1%, rank(-returns), returns < -1%), 0)",
    "rank(ts_mean(ema(returns, 12) - ema(returns, 26), 9))",
    'rank(close / resample(close, 24h, "mean"))',
)


def strategy_of(text: str) -> Strategy:
    return strategy(signal=compile_text(text, Catalogue.builtin()).require().signal)


@pytest.mark.parametrize("text", FORMULAS)
def test_D3_what_trades_decides_as_the_back_test_did(text: str) -> None:
    plan = strategy_of(text)
    tested = run(plan)
    signals = EngineSignals(plan, panel(), Following(KERNELS))
    for row in tested.decisions[:: max(1, len(tested.decisions) // 12)].tolist():
        weights = signals(int(panel().times[row]))
        decided = [weights.get(name, Decimal(0)) for name in panel().symbols]
        np.testing.assert_array_equal([float(weight) for weight in decided], tested.weights[row])
        assert any(decided)


def test_a_formula_that_often_holds_nothing_is_refused_unless_it_is_filled() -> None:
    held = "trade_when(returns > 1%, rank(-returns), returns < -1%)"
    with pytest.raises(InvalidInputError, match="missing for"):
        run(strategy_of(held))
    assert run(strategy_of(f"fill({held}, 0)")).metrics["bars"] == 240
