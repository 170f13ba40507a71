"""1,000 variants of one strategy on 80 x 3,000 bars: one sweep against back-tests one by one.

The sweep goes through the service, worker process included, to the last record. Of the single runs
a few are sampled, spread over the variants, each a process of its own as `alphaforge run` starts
it; neither draws a tear sheet. In one process ``backtest_many`` is held against ``backtest``.
"""

import sys
import tempfile
import time
from pathlib import Path

from alphaforge.core.home import Home
from alphaforge.core.principals import Kind, Principal
from alphaforge.data.card import Source
from alphaforge.data.market import simulate_market
from alphaforge.dsl.compile import Compilation, compile_text
from alphaforge.dsl.sweep import variants
from alphaforge.engine.backtest import backtest
from alphaforge.engine.batch import backtest_many
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.runs.service import Runs
from alphaforge.runs.states import State
from alphaforge.server.compose import WORKER, open_lab
from alphaforge.server.settings import read_settings

NAMES, BARS = 80, 3_000
SAMPLED = 8
DATASET = "perps"
WAIT_SECONDS = 3_600
WHO = Principal("human:bench", Kind.HUMAN)
TEXT = """strategy swept {
  param fast in 6 .. 60 step 6
  param slow in 24 .. 240 step 24
  param weight in [0.25, 0.5, 1, 2, 4]
  param q in [20%, 30%]
  universe top 40 by ts_mean(quote_volume, 7d)
  let ret = returns(close)
  factor trend = ts_mean(ret, fast) / ts_std(ret, slow)
  factor carry = -ts_mean(funding_rate, slow)
  signal rank(trend) + weight * rank(carry) + ts_rank(close, fast)
  portfolio long_short quantile q, max_weight 15%
}
"""


def compiled(count: int) -> list[tuple[str, Compilation]]:
    """Compile the variants, spread over all of them."""
    from alphaforge.dsl.catalogue import Catalogue

    catalogue = Catalogue.builtin()
    params = compile_text(TEXT, catalogue).params
    every = list(variants(params))
    chosen = every[:: max(1, len(every) // count)][:count]
    return [
        (str(place), compile_text(TEXT, catalogue, params=choice))
        for place, choice in enumerate(chosen)
    ]


def service(root: Path) -> Runs:
    """Open a home with the market in it."""
    home = Home(root, read_settings().kernel_cache).make()
    lab = open_lab(home)
    table, _ = simulate_market(7, instruments=NAMES, bars=BARS)
    lab.lake.import_table(table, DATASET, Source("bench", is_synthetic=True))
    return Runs(
        home=home,
        experiments=lab.experiments,
        lake=lab.lake,
        journal=lab.journal,
        clock=lab.clock,
        worker_command=WORKER,
        has_report=False,
    )


def main() -> None:
    """Print seconds and ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    named = compiled(count)
    with tempfile.TemporaryDirectory() as folder:
        runs = service(Path(folder) / "batch")
        begun = time.perf_counter()
        batch = runs.batches.start(named, DATASET, WHO)
        started = time.perf_counter() - begun
        done = runs.batches.wait(batch.batch_id, WAIT_SECONDS)
        swept = time.perf_counter() - begun
        assert done.state is State.COMPLETED, done
        alone = service(Path(folder) / "alone")
        sample = named[:: max(1, len(named) // SAMPLED)][:SAMPLED]
        begun = time.perf_counter()
        for _, made in sample:
            view = alone.start(made, DATASET, WHO)
            assert alone.wait(view.run_id, WAIT_SECONDS).state is State.COMPLETED
        single = (time.perf_counter() - begun) / len(sample)
        in_process(runs, [made for _, made in sample])
    print(f"{count} variants on {NAMES} x {BARS}: {swept:.1f} s, {started:.1f} s of them to start")
    print(f"a variant {swept / count * 1000:.0f} ms, a run of its own {single * 1000:.0f} ms")
    print(f"ratio to {count} single runs: {single * count / swept:.1f}")


def in_process(runs: Runs, sample: list[Compilation]) -> None:
    """Print the ratio without processes and records."""
    fields = ["open", "close", "quote_volume", "mark_open", "mark_close", "funding_rate", "volume"]
    panel = runs.batches.lake.panel(DATASET, fields)
    evaluator = Evaluator(Kernels(read_settings().kernel_cache))
    plans = [made.require() for made in sample]
    together, apart = [], []
    for _ in range(3):
        begun = time.perf_counter()
        assert len(list(backtest_many(plans, panel, evaluator))) == len(plans)
        together.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        for plan in plans:
            backtest(plan, panel, evaluator)
        apart.append(time.perf_counter() - begun)
    print(f"in one process, {len(plans)} variants far apart: {min(apart) / min(together):.2f} x")


if __name__ == "__main__":
    main()
