"""Twenty formulas of the kind of "101 Formulaic Alphas" on 200 x 8760, one core, against libraries.

The shapes are those of Kakushadze's paper, in this language's own words and with whole windows.
The libraries run in the peers' virtual environment (`make peers`), timed inside it, in turn with
ours, all on one core and one thread. Each step of a formula is charged to them at the fastest of
numbagg, bottleneck, pandas, polars and numpy, laid out as that one likes it, and once however many
formulas share it. Ours writes every formula as a whole column.
"""

import sys
import time

from alphaforge.benchmarks.peers.against import against_libraries
from alphaforge.benchmarks.peers.parent import CACHE, PYTHON, bars, one_core, panel_of
from alphaforge.core.panel import Panel
from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.nodes import Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels

TARGET = 2.0
FULL, QUICK = (8760, 200), (500, 8)
EVALUATOR = Evaluator(Kernels(CACHE))
FORMULAS = """
rank(ts_argmax(signed_power(returns(close) < 0 ? ts_std(returns(close), 20) : close, 2), 5)) - 0.5
-ts_corr(rank(delta(log(volume), 2)), rank((close - open) / open), 6)
-ts_rank(rank(low), 9)
rank(open - ts_mean(vwap, 10)) * -abs(rank(close - vwap))
-ts_corr(open, volume, 10)
-rank(OPENED - delay(OPENED, 10))
ts_min(MOVE, 5) > 0 ? MOVE : ts_max(MOVE, 5) < 0 ? MOVE : -MOVE
(rank(ts_max(vwap - close, 3)) + rank(ts_min(vwap - close, 3))) * rank(delta(volume, 3))
-sign(delta(volume, 1)) * MOVE
-rank(ts_cov(rank(high), rank(volume), 5))
-rank(delta(returns(close), 3)) * ts_corr(open, volume, 10)
-ts_sum(rank(ts_corr(rank(high), rank(volume), 6)), 3)
-rank(ts_rank(close, 10)) * rank(delta(MOVE, 1)) * rank(ts_rank(volume / ts_mean(volume, 20), 5))
-delta(ts_corr(high, volume, 5), 5) * rank(ts_std(close, 20))
scale(ts_corr(ts_mean(quote_volume, 20), low, 5) + MIDDLE - close)
ts_rank(volume, 32) * (1 - ts_rank(close + high - low, 16)) * (1 - ts_rank(returns(close), 32))
(vwap - close) / decay_linear(rank(ts_argmax(close, 30)), 2)
rank(decay_linear(delta(vwap, 4), 7)) + ts_rank(decay_linear((low - vwap) / (open - MIDDLE), 11), 7)
min(rank(decay_linear(MIDDLE - vwap, 20)), rank(decay_linear(ts_corr(MIDDLE, DOLLARS, 5), 6)))
(close - open) / (high - low + 0.001)
"""
WORDS = {
    "OPENED": "(ts_sum(open, 5) * ts_sum(returns(close), 5))",
    "MOVE": "delta(close, 1)",
    "MIDDLE": "((high + low) / 2)",
    "DOLLARS": "ts_mean(quote_volume, 40)",
}


def roots() -> list[Node]:
    """Compile the formulas, with the words that stand for what several of them share."""
    catalogue, text = Catalogue.builtin(), FORMULAS
    for word, meaning in WORDS.items():
        text = text.replace(word, meaning)
    return [compile_text(line, catalogue).require().signal for line in text.strip().splitlines()]


def seconds(formulas: list[Node], panel: Panel) -> float:
    """Time one evaluation of all formulas."""
    begun = time.perf_counter()
    EVALUATOR.evaluate(formulas, panel)
    return time.perf_counter() - begun


def main() -> None:
    """Print the libraries' times over ours."""
    size = QUICK if "--quick" in sys.argv else FULL
    one_core()
    formulas, panel = roots(), panel_of(bars(*size))
    seconds(formulas, panel_of(bars(100, 8)))
    print(f"{len(formulas)} formulas on {size[1]} x {size[0]}, one core; times over ours, target")
    if not PYTHON.exists():
        print("  no peers: `make peers` installs them")
        return
    against_libraries(formulas, panel, EVALUATOR, lambda: seconds(formulas, panel), TARGET)


if __name__ == "__main__":
    main()
