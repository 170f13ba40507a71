"""How long a compile takes, warm: a strategy of about 60 nodes, and sums up to the ceiling.

Prints medians, and how the time per node grows: a linear compiler keeps the last ratio near 1.
"""

import statistics
import time

from alphaforge.dsl import Catalogue, compile_text

STRATEGY = """
strategy sixty_nodes {
  data      perps_1h bar 1h
  universe  top 15 by ts_mean(quote_volume, 30d), min_history 60d
  let       ret      = returns(close)
  let       vol      = ts_std(ret, 7d)
  factor    reversal = -ts_sum(ret, 24h) / vol
  factor    carry    = -ts_mean(funding_rate, 3d)
  factor    shock    = log(ts_mean(quote_volume, 24h) / ts_mean(quote_volume, 7d))
  factor    momentum = ts_mean(close, 24h) / ts_mean(close, 7d) - 1
  signal    zscore(rank(reversal)) + 0.5 * zscore(rank(carry))
            - 0.25 * zscore(rank(shock * momentum))
            + (shock > 0 ? rank(momentum) : -rank(momentum))
            |> winsorize(3)
            |> neutralize(bucket(vol, 3))
  portfolio long_short quantile 0.2, gross 1.0, max_weight 10%
  rebalance every 8h, delay 1
  costs     taker 5bp, slippage 2bp, funding on
  backtest  2025-05-01 .. 2025-11-30
}
"""
ROUNDS = 50
SIZES = (250, 1000, 1990)


def median_ms(text: str, catalogue: Catalogue, rounds: int) -> tuple[float, int]:
    """Return the median of several compiles in milliseconds, and the count of nodes."""
    taken = []
    count = 0
    for _ in range(rounds):
        start = time.perf_counter()
        compilation = compile_text(text, catalogue)
        taken.append(time.perf_counter() - start)
        compilation.require()
        count = compilation.node_count
    return statistics.median(taken) * 1000, count


def wide(nodes: int) -> str:
    """Return a formula of about so many nodes."""
    terms = [f"ts_mean(returns, {2 + at})" for at in range(nodes // 3)]
    return " + ".join(terms)


def main() -> None:
    """Print the figures."""
    catalogue = Catalogue.builtin()
    start = time.perf_counter()
    compile_text("close", catalogue)
    print(f"first compile, parser built     {(time.perf_counter() - start) * 1000:8.1f} ms")
    taken, count = median_ms(STRATEGY, catalogue, ROUNDS)
    print(f"strategy of {count:4d} nodes, p50      {taken:8.2f} ms   (target 5)")
    per_node = []
    for size in SIZES:
        taken, count = median_ms(wide(size), catalogue, 7)
        per_node.append(taken / count)
        print(f"formula of {count:5d} nodes, p50      {taken:8.1f} ms")
    print(f"time per node, largest / smallest {per_node[-1] / per_node[0]:6.2f}      (1 is linear)")


if __name__ == "__main__":
    main()
