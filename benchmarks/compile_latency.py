"""How long a compile takes, warm: strategies of 60 and 69 nodes, and sums up to the ceiling.

Prints the least, the median and the processor time of one compile, and how the time per node grows:
a linear compiler keeps the last ratio near 1. The least is what the compiler needs; the median also
tells what else the machine did.
"""

import statistics
import time
from typing import NamedTuple

from alphaforge.dsl import Catalogue, compile_text

STRATEGY = """
strategy nodes {
  data      perps_1h bar 1h
  universe  top 15 by ts_mean(quote_volume, 30d), min_history 60d
  let       ret      = returns(close)
  let       vol      = ts_std(ret, 7d)
  factor    reversal = -ts_sum(ret, 24h) / vol
  factor    carry    = -ts_mean(funding_rate, 3d)
  factor    shock    = log(ts_mean(quote_volume, 24h) / ts_mean(quote_volume, 7d))
  factor    momentum = ts_mean(close, 24h) / ts_mean(close, 7d) - 1
  signal    zscore(rank(reversal)) + 0.5 * zscore(rank(carry))
            TERM
            + (shock > 0 ? rank(momentum) : -rank(momentum))
            |> winsorize(3)
            |> neutralize(bucket(vol, 3))
  portfolio long_short quantile 0.2, gross 1.0, max_weight 10%
  rebalance every 8h, delay 1
  costs     taker 5bp, slippage 2bp, funding on
  backtest  2025-05-01 .. 2025-11-30
}
"""
TERM = "- 0.25 * zscore(rank(shock * momentum))"
SHORT_TERM = "- 0.25 * zscore(shock)"
ROUNDS = 200
SIZES = (250, 1000, 1990)
TARGETS_MS = {60: 5, 2000: 300}


class Taken(NamedTuple):
    """Milliseconds of one compile, and the nodes of its formula."""

    least: float
    median: float
    processor: float
    nodes: int


def taken(text: str, catalogue: Catalogue, rounds: int) -> Taken:
    """Compile a text several times."""
    times = []
    nodes = 0
    processor = time.process_time()
    for _ in range(rounds):
        start = time.perf_counter()
        compilation = compile_text(text, catalogue)
        times.append(time.perf_counter() - start)
        compilation.require()
        nodes = compilation.node_count
    processor = (time.process_time() - processor) / rounds
    return Taken(min(times) * 1000, statistics.median(times) * 1000, processor * 1000, nodes)


def wide(nodes: int) -> str:
    """Return a formula of about so many nodes."""
    terms = [f"ts_mean(returns, {2 + at})" for at in range(nodes // 3)]
    return " + ".join(terms)


def line(what: str, found: Taken, target: str) -> str:
    """Lay one figure out."""
    return (
        f"{what} of {found.nodes:5d} nodes   least {found.least:7.2f}   p50 {found.median:7.2f}"
        f"   processor {found.processor:7.2f} ms{target}"
    )


def main() -> None:
    """Print the figures."""
    catalogue = Catalogue.builtin()
    start = time.perf_counter()
    compile_text("close", catalogue)
    print(f"first compile, parser built {(time.perf_counter() - start) * 1000:8.1f} ms")
    for term, target in ((SHORT_TERM, f"   (p50 target {TARGETS_MS[60]})"), (TERM, "")):
        print(line("strategy", taken(STRATEGY.replace("TERM", term), catalogue, ROUNDS), target))
    per_node = []
    for size in SIZES:
        found = taken(wide(size), catalogue, 7)
        per_node.append(found.least / found.nodes)
        is_largest = size == SIZES[-1]
        target = f"   (p50 target {TARGETS_MS[2000]})" if is_largest else ""
        print(line("formula ", found, target))
    print(f"time per node, largest / smallest {per_node[-1] / per_node[0]:6.2f}   (1 is linear)")


if __name__ == "__main__":
    main()
