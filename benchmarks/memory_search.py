"""Memory at two sizes: recording, indexing, and each kind of question.

Prints milliseconds and how they grow from the small store to the large one; ideal growth of a
question is 1, of a scan 10.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alphaforge.core.clock import SteppedClock
from alphaforge.memory.experiment import Experiment, ExperimentKind
from alphaforge.memory.experiments import Experiments
from alphaforge.memory.index import Index
from alphaforge.memory.query import Query
from alphaforge.memory.search import search

SIZES = (1_000, 10_000)
ROUNDS = 15
FIELDS = ("close", "open", "high", "low", "volume", "vwap", "quote_volume", "funding_rate")
INNER = ("ts_mean", "ts_std", "ts_rank", "ts_max", "ts_min", "delta", "decay_linear", "ts_zscore")
OUTER = ("rank", "zscore", "scale", "sign")


def experiment(number: int) -> Experiment:
    """Return the record of one run; each number is another formula."""
    field, inner = FIELDS[number % 8], INNER[number // 8 % 8]
    outer, bars = OUTER[number // 64 % 4], 2 + number // 256
    tree = [[f"field:{field}", 0, {}, False], [inner, 1, {"bars": bars}, False]]
    return Experiment(
        id=f"exp_{number:020x}",
        kind=ExperimentKind.RUN,
        state="completed",
        author="agent:bench",
        created_at=f"2026-01-01T00:00:00.{number:06d}Z",
        canonical=f"{outer}({inner}({field}, {bars}))",
        tree=json.dumps([*tree, [outer, 1, {}, False]]),
        strategy_fingerprint=f"str_{number}",
        snapshot="snap_1",
        dataset="perps",
        window="all",
        bar_seconds=3600,
        operators=(inner, outer),
        fields=(field,),
        metrics={"sharpe": (number * 37 % 400) / 100 - 1, "bars": 9e3, "skew": 0, "kurtosis": 3},
    )


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of some calls."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(times)


def measure(size: int, folder: Path) -> dict[str, float]:
    """Fill a store of a size and time it."""
    experiments = Experiments(folder / "control.db", SteppedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    begun = time.perf_counter()
    for number in range(size):
        experiments.record(experiment(number))
    found = {"record, each": (time.perf_counter() - begun) * 1e3 / size}
    index = Index(folder / "memory", experiments)
    begun = time.perf_counter()
    assert index.rebuild() == size
    found["rebuild, each"] = (time.perf_counter() - begun) * 1e3 / size
    questions = {
        "words": Query(words="funding rate rank"),
        "like": Query(like=experiment(77).id),
        "words and like": Query(words="volume", like=experiment(77).id),
        "sort sharpe": Query(sort="sharpe"),
        "sort novelty": Query(sort="novelty"),
        "sort deflated": Query(sort="deflated"),
    }
    for name, query in questions.items():

        def ask(query: Query = query) -> None:
            page = search(query, experiments=experiments, folder=folder / "memory")
            assert page.hits

        ask()
        found[name] = milliseconds(ask)
    return found


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as root:
        small, large = (measure(size, Path(root) / str(size)) for size in SIZES)
    print(f"{'milliseconds':16} {SIZES[0]:>9,} {SIZES[1]:>9,}   growth")
    for name, before in small.items():
        print(f"{name:16} {before:9.2f} {large[name]:9.2f} {large[name] / before:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
