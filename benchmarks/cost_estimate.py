"""The cost estimate held against the clock: formulas of each sort of work, predicted and measured.

The estimate decides whether a run may start, so it must be right within a factor of 3; the last
line says the worst. Kernels run warm on 4,000 bars of 100 instruments.
"""

import time
from pathlib import Path

import numpy as np

from alphaforge.core.panel import Panel
from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.cost import UNITS_PER_SECOND
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels

ROWS, COLUMNS = 4_000, 100
REPEATS = 9
CACHE = Path(__file__).resolve().parent.parent / ".pytest_cache" / "kernels"
FORMULAS = (
    "close / open - 1",
    "ts_mean(close, 24) / close",
    "ts_mean(close, 2400) / close",
    "ts_corr(close, volume, 168)",
    "ts_rank(close, 24)",
    "ts_rank(close, 500)",
    "ts_median(close, 168)",
    "ts_mad(close, 168)",
    "rank(close)",
    "zscore(rank(-ts_sum(returns, 24) / ts_std(returns, 168)))",
)


def panel() -> Panel:
    """Make prices and volumes."""
    rng = np.random.default_rng(1)
    prices = np.exp(0.01 * rng.standard_normal((ROWS, COLUMNS)).cumsum(axis=0))
    fields = {"close": prices, "open": prices * 1.001, "volume": rng.random((ROWS, COLUMNS))}
    return Panel(
        dataset="bench",
        snapshot="bench",
        bar_seconds=3600,
        times=np.arange(ROWS) * 3600,
        symbols=tuple(f"S{number:03d}" for number in range(COLUMNS)),
        fields=fields,
    )


def main() -> None:
    """Print a line a formula, then the worst ratio."""
    catalogue, data = Catalogue.builtin(), panel()
    evaluator = Evaluator(Kernels(CACHE))
    worst = 1.0
    print(f"{'predicted ms':>13}{'measured ms':>13}{'ratio':>8}  formula")
    for text in FORMULAS:
        compilation = compile_text(text, catalogue)
        signal = compilation.require().signal
        evaluator.evaluate([signal], data)
        taken = []
        for _ in range(REPEATS):
            start = time.process_time()
            evaluator.evaluate([signal], data)
            taken.append(time.process_time() - start)
        predicted = compilation.cost.total(ROWS, COLUMNS) / UNITS_PER_SECOND
        ratio = predicted / min(taken)
        worst = max(worst, ratio, 1 / ratio)
        print(f"{predicted * 1000:>13.2f}{min(taken) * 1000:>13.2f}{ratio:>8.2f}  {text}")
    print(f"worst factor {worst:.2f}   (target 3)")


if __name__ == "__main__":
    main()
