"""What a second strategy costs that shares its factors with one before, on 80 x 3,000 bars.

Each evaluation opens the folder anew, as another process would. The second strategy is timed
without a cache and after the first one; best of a few, interleaved. Kernels called are counted.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from alphaforge.core.clock import SystemClock
from alphaforge.data.card import Source
from alphaforge.data.lake import Lake
from alphaforge.data.market import simulate_market
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.compile import compile_text
from alphaforge.dsl.kernels import Kernel
from alphaforge.dsl.nodes import Node
from alphaforge.engine.cache import Cache
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.server.settings import read_settings

if TYPE_CHECKING:
    from alphaforge.core.panel import Matrix, Panel

NAMES, BARS = 80, 3_000
MEGABYTE = 1024**2
SHARED = "rank(ts_rank(close, 168h)) + rank(ts_mad(returns(close), 168h)) + ts_rank(volume, 240h)"
FIRST = f"{SHARED} - rank(ts_mean(returns(close), 24h))"
SECOND = f"{SHARED} - 2 * rank(ts_std(returns(close), 48h))"


class Counting(Kernels):
    """Kernels, and how many times one was called."""

    called = 0

    def of(self, operator: type[Node]) -> Kernel:
        """Return a kernel that counts."""
        kernel = super().of(operator)

        def counted(*arguments: object) -> None:
            self.called += 1
            kernel(*arguments)

        return counted


def evaluated(folder: Path, root: Node, panel: "Panel", size: int) -> "tuple[float, int, Matrix]":
    """Evaluate with a cache of so many bytes; return seconds, kernels called and the values."""
    kernels = Counting(read_settings().kernel_cache)
    begun = time.perf_counter()
    with Cache(folder, size, memory_bytes_max=size, engine="bench") as cache:
        (values,) = Evaluator(kernels, memory=cache).evaluate([root], panel)
    return time.perf_counter() - begun, kernels.called, values


def main() -> None:
    """Print seconds, kernel calls and the ratio."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    catalogue = Catalogue.builtin()
    first, second = (compile_text(text, catalogue).require().signal for text in (FIRST, SECOND))
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake", SystemClock())
        table, _ = simulate_market(7, instruments=NAMES, bars=BARS)
        lake.import_table(table, "perps", Source("bench", is_synthetic=True))
        panel = lake.panel("perps", ["close", "volume"])
        evaluated(Path(folder) / "warm", first, panel, 0)
        evaluated(Path(folder) / "warm", second, panel, 0)
        without, cold, warm = [], [], []
        for place in range(repeats):
            kept = Path(folder) / f"kept{place}"
            without.append(evaluated(kept, second, panel, 0))
            cold.append(evaluated(kept, first, panel, 1024 * MEGABYTE))
            warm.append(evaluated(kept, second, panel, 1024 * MEGABYTE))
            assert warm[-1][2].tobytes() == without[-1][2].tobytes()
    named = (("second without", without), ("first, keeping", cold), ("second, finding", warm))
    for name, found in named:
        seconds = min(item[0] for item in found)
        print(f"{name}: {seconds * 1000:.0f} ms, {found[0][1]} kernels called")
    ratio = min(item[0] for item in without) / min(item[0] for item in warm)
    print(f"a second strategy that shares its factors: {ratio:.1f} x faster")


if __name__ == "__main__":
    main()
