"""All figures of a tear sheet for 200 names x 8760 bars, over alphalens on the same signal.

The book is rebalanced every 8 bars. Attribution to two factors is part of the time; alphalens takes
the IC, the fifths and their turnover, and the autocorrelation of the same decisions.
"""

import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import pandas as pd

from alphaforge.core.panel import Panel
from alphaforge.dsl.strategy import Costs
from alphaforge.engine.attribution import attribute
from alphaforge.engine.facts import Facts, market_of
from alphaforge.engine.grid import decision_rows
from alphaforge.engine.information import information
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.ledger import Spread
from alphaforge.engine.measure import measure
from alphaforge.engine.simulate import simulate

ROWS, NAMES, REBALANCE = 8760, 200, 8
REPEATS = 3
TARGET_MS = 300


def best_ms(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Take the CPU time of some calls and keep the fastest: the others were disturbed."""
    found = []
    for _ in range(repeats):
        begun = time.thread_time()
        work()
        found.append(time.thread_time() - begun)
    return min(found) * 1000


def world() -> tuple[Panel, "np.ndarray[Any, np.dtype[np.float64]]"]:
    """Make prices and a signal."""
    rng = np.random.default_rng(1)
    closes = 50 * np.exp(np.cumsum(rng.standard_t(4, (ROWS, NAMES)) * 0.005, axis=0))
    opens = np.vstack([closes[:1], closes[:-1]])
    fields = {"open": opens, "close": closes, "quote_volume": rng.uniform(1e5, 1e6, closes.shape)}
    panel = Panel(
        dataset="bench",
        snapshot="bench",
        bar_seconds=3600,
        times=np.arange(ROWS) * 3600,
        symbols=tuple(f"S{number:03d}" for number in range(NAMES)),
        fields=fields,
    )
    return panel, rng.normal(size=closes.shape)


def peer(panel: Panel, signal: "np.ndarray[Any, np.dtype[np.float64]]", rows: Any) -> None:  # noqa: ANN401  # numpy's rows.
    """Ask alphalens the same of the same decisions."""
    alphalens: Any = import_module("alphalens")
    index = pd.to_datetime(panel.times[rows], unit="s")
    opens = pd.DataFrame(panel.fields["open"][rows + 1], index, columns=list(panel.symbols))
    factor = pd.DataFrame(signal[rows], index, columns=list(panel.symbols)).stack()  # noqa: PD013
    factor.index.names = ["date", "asset"]
    data = alphalens.utils.get_clean_factor_and_forward_returns(
        factor, opens, quantiles=5, periods=tuple(range(1, 11)), filter_zscore=None, max_loss=1.0
    )
    found = alphalens.performance
    found.factor_information_coefficient(data)
    found.mean_return_by_quantile(data, demeaned=False)
    found.quantile_turnover(data["factor_quantile"], 5)
    found.factor_rank_autocorrelation(data, 1)


def main() -> None:
    """Print the parts, their sum beside the target, and the ratio to alphalens."""
    panel, signal = world()
    rows = decision_rows(panel, rebalance_bars=REBALANCE, delay_bars=1, start_row=0)
    weights = signal / np.abs(signal).sum(axis=1, keepdims=True)
    costs = Costs(taker_bp=Decimal(5), slippage_bp=Decimal(2), has_funding=False)
    done = simulate(
        weights,
        panel,
        rebalance_bars=REBALANCE,
        delay_bars=1,
        costs=costs,
        kernels=Kernels(Path(gettempdir()) / "alphaforge-kernels"),
    )
    market = market_of(panel, 0)
    factors = {"one": signal[rows], "other": signal[rows - 1]}
    benchmark = np.full(ROWS, 1e-4) + done.returns

    def learn() -> Any:  # noqa: ANN401  # An Information, given on.
        return information(signal, panel, rows, delay_bars=1, horizon_bars=REBALANCE)

    known = learn()

    def figures() -> Any:  # noqa: ANN401  # Metrics, given on.
        # Nothing kept of the call before: the book's matrices and what two metrics share.
        fresh = replace(done, spread=Spread(done.spread.ledger, done.spread.kernels))
        facts = Facts(fresh, known, benchmark=benchmark, market=market)
        return measure(facts), facts

    _, facts = figures()
    parts = {
        "information": best_ms(learn),
        "metrics": best_ms(figures),
        "attribution": best_ms(
            lambda: attribute(facts, market, factors, weights=weights[rows], traded_rows=rows + 1)
        ),
    }
    for name, took in parts.items():
        print(f"{name:<14}{took:>9.1f} ms")
    total = sum(parts.values())
    print(f"{'all':<14}{total:>9.1f} ms, target {TARGET_MS}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        took = best_ms(lambda: peer(panel, signal, rows), 1)
    ratio = took / parts["information"]
    print(f"{'alphalens':<14}{took:>9.1f} ms, {ratio:.0f} x information")


if __name__ == "__main__":
    main()
