"""How the time of a formula grows with bars and with instruments: 1 is linear.

The formula has a window, a rank in a window and a rank across instruments. Sizes alternate, so
that a busy machine slows all; the exponent is the slope of log time on log size.
"""

import sys
import time

import numpy as np

from alphaforge.benchmarks.peers.parent import CACHE, bars, line, one_core, panel_of
from alphaforge.core.panel import Panel
from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.nodes import Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels

FORMULA = "rank(ts_mean(returns(close), 24) / ts_std(returns(close), 168)) + ts_rank(volume, 24)"
BARS, BARS_QUICK = (2190, 4380, 8760, 17520, 35040), (250, 500, 1000)
NAMES, NAMES_QUICK = (50, 100, 200, 500, 1000), (10, 20, 40)
FIXED_NAMES, FIXED_BARS = 50, 2190
ROUNDS = 4
TARGET = 1.15


def hours(rows: int, columns: int) -> Panel:
    """Make a panel of the fields that the formula reads."""
    found = bars(rows, columns)
    return panel_of({name: found[name] for name in ("close", "volume")})


def exponent(formula: Node, sizes: dict[int, Panel]) -> float:
    """Return the slope of log least time on log size."""
    evaluator = Evaluator(Kernels(CACHE))
    least = dict.fromkeys(sizes, np.inf)
    for _ in range(ROUNDS):
        for size, panel in sizes.items():
            begun = time.perf_counter()
            evaluator.evaluate([formula], panel)
            least[size] = min(least[size], time.perf_counter() - begun)
    slope, _ = np.polyfit(np.log(list(least)), np.log(list(least.values())), 1)
    return float(slope)


def main() -> None:
    """Print both exponents."""
    one_core()
    is_quick = "--quick" in sys.argv
    formula = compile_text(FORMULA, Catalogue.builtin()).require().signal
    rows, names = (BARS_QUICK, NAMES_QUICK) if is_quick else (BARS, NAMES)
    print(f"growth, exponent of time{'target':>40}")
    found = exponent(formula, {size: hours(size, FIXED_NAMES) for size in rows})
    print(line(f"  bars, {rows[0]} to {rows[-1]}", found, TARGET, is_least=False))
    found = exponent(formula, {size: hours(FIXED_BARS, size) for size in names})
    print(line(f"  instruments, {names[0]} to {names[-1]}", found, TARGET, is_least=False))


if __name__ == "__main__":
    main()
