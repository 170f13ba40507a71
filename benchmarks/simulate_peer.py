"""The simulator on 200 x 8760 with funding, and vectorbt's ``from_orders`` on the same weights.

Both trade the same target weights every 8 hours at the open, with drift between, on one core; fees
and slippage are those of a strategy's default. vectorbt books no funding, so that ours does more.
Equal work is shown first: without slippage and funding the two equity curves are one.
"""

import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import numpy as np

from alphaforge.benchmarks.peers.parent import (
    CACHE,
    PYTHON,
    Child,
    Matrix,
    bars,
    child,
    line,
    one_core,
    panel_of,
)
from alphaforge.core.panel import Panel
from alphaforge.dsl.strategy import Costs
from alphaforge.engine.grid import decision_rows
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.simulate import Simulation, simulate

TARGET_MS, TARGET_RATIO = 10.0, 50.0
FULL, QUICK = (8760, 200), (500, 8)
REBALANCE_BARS, DELAY_BARS = 8, 1
REPEATS, CALLS = 5, 5
BP = 1e-4
CAPITAL = 1e6  # so that no order is small beside the peer's absolute tolerances
TOLERANCE = 1e-9
KERNELS = Kernels(CACHE)


def market(rows: int, columns: int) -> tuple[Panel, Matrix]:
    """Make bars with funding every 8 hours, and weights whose absolute sum is 1."""
    fields = bars(rows, columns, missing=0.0)
    rng = np.random.default_rng(2)
    fields["open"] = np.vstack([fields["open"][:1], fields["close"][:-1]])
    rates = np.full((rows, columns), np.nan)
    rates[::8] = 1e-4 * rng.standard_normal(rates[::8].shape)
    fields["funding_rate"] = rates
    fields["mark_open"] = fields["open"] * 1.0002
    weights = rng.standard_normal((rows, columns))
    return panel_of(fields), weights / np.abs(weights).sum(axis=1, keepdims=True)


def ours(weights: Matrix, panel: Panel, costs: Costs) -> Simulation:
    """Simulate once."""
    return simulate(
        weights,
        panel,
        rebalance_bars=REBALANCE_BARS,
        delay_bars=DELAY_BARS,
        costs=costs,
        capital=CAPITAL,
        kernels=KERNELS,
    )


def best_ms(weights: Matrix, panel: Panel) -> float:
    """Return the least time of some calls."""
    took = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        ours(weights, panel, Costs())
        took.append(time.perf_counter() - begun)
    return min(took) * 1000


def write(folder: Path, panel: Panel, weights: Matrix) -> None:
    """Write for the peer what is traded at each bar's open."""
    traded = np.full(weights.shape, np.nan)
    at = decision_rows(panel, rebalance_bars=REBALANCE_BARS, delay_bars=DELAY_BARS, start_row=0)
    traded[at + DELAY_BARS] = weights[at]
    for name, values in {**panel.fields, "weights": traded}.items():
        if name in {"open", "close", "weights"}:
            np.save(folder / f"{name}.npy", values)


def agreement(peer: Child, weights: Matrix, panel: Panel) -> str:
    """Say how far both equity curves are apart without slippage and funding."""
    costs = Costs(slippage_bp=Decimal(0), has_funding=False)
    theirs = np.array(peer.ask(f"equity {CAPITAL} {float(costs.taker_bp) * BP} 0")["equity"])
    apart = float(np.max(np.abs(ours(weights, panel, costs).equity / theirs - 1.0)))
    mark = "ok" if apart <= TOLERANCE else "MISS"
    return f"equity, largest relative difference {apart:.1e}, at most {TOLERANCE:.0e}   {mark}"


def main() -> None:
    """Print our time, and theirs over ours."""
    size = QUICK if "--quick" in sys.argv else FULL
    one_core()
    panel, weights = market(*size)
    print(f"one simulation on {size[1]} x {size[0]} with funding, one core")
    best = [best_ms(weights, panel)]
    theirs = []
    if PYTHON.exists():
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), panel, weights)
            with child("vectorbt_orders.py", folder) as peer:
                print(agreement(peer, weights, panel))
                costs = Costs()
                terms = f"{CAPITAL} {float(costs.taker_bp) * BP} {float(costs.slippage_bp) * BP}"
                for _ in range(REPEATS):
                    theirs.append(peer.ask(f"time {terms}")["time"] * 1000)
                    best.append(best_ms(weights, panel))
    print(line("ours, ms", min(best), TARGET_MS, is_least=False))
    if theirs:
        print(line("vectorbt from_orders over ours", min(theirs) / min(best), TARGET_RATIO))
    else:
        print("  no peers: `make peers` installs them")


if __name__ == "__main__":
    main()
