"""Alpha158 on 200 x 8760, one core: against public libraries, and against pyqlib's own engine.

The libraries run in the peers' virtual environment (`make peers`), timed inside it, in turn with
ours, all on one core and one thread. Each of our features is a whole column; of the libraries the
least time of each window counts, whichever is the fastest at it, plus the elementwise work in
numpy. pyqlib goes instrument by instrument, so that it is given a few and its time is scaled.
Memory is that of a process of its own, its peak above what it holds before.
"""

import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from alphaforge.benchmarks.peers.parent import CACHE, PYTHON, Matrix, bars, child, line, one_core
from alphaforge.benchmarks.peers.parent import save as save_for_peers
from alphaforge.core.panel import Panel
from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.feature_sets import DIALECT, feature_set
from alphaforge.dsl.nodes import Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels

LIBRARIES = ("numbagg", "bottleneck", "pandas", "polars")
TARGET_BEST, TARGET_QLIB = 3.0, 20.0
MIB_MAX = 300
FULL, QUICK = (8760, 200), (500, 8)
TARGET_CORES = 1.7
ROUNDS = 3
QLIB_NAMES = 4
EVALUATOR = Evaluator(Kernels(CACHE))


def roots() -> list[Node]:
    """Compile the 158 features."""
    catalogue = Catalogue.builtin()
    texts = feature_set("alpha158").values()
    found = [compile_text(text, catalogue, dialect=DIALECT).require().signal for text in texts]
    assert len(found) == 158
    return found


def panel_of(fields: dict[str, Matrix]) -> Panel:
    """Make a panel of hours."""
    rows, columns = fields["close"].shape
    return Panel(
        dataset="bench",
        snapshot="bench",
        bar_seconds=3600,
        times=np.arange(rows) * 3600,
        symbols=tuple(f"S{number:04d}" for number in range(columns)),
        fields=fields,
    )


def seconds(formulas: list[Node], panel: Panel) -> float:
    """Time one evaluation of all features; each value is handed over and let go."""
    begun = time.perf_counter()
    EVALUATOR.stream(formulas, panel, None, lambda _root, _row, _values: None)
    return time.perf_counter() - begun


def core_ratio(size: tuple[int, int]) -> float:
    """Return the time on one thread over that on two; call it in a process on all cores."""
    formulas, panel = roots()[::4], panel_of(bars(*size))  # Whole columns of all would not fit.
    evaluators = [Evaluator(Kernels(CACHE), threads=threads) for threads in (1, 2)]
    least = [np.inf, np.inf]
    for _ in range(ROUNDS):
        for at, evaluator in enumerate(evaluators):
            begun = time.perf_counter()
            evaluator.evaluate(formulas, panel)
            least[at] = min(least[at], time.perf_counter() - begun)
    return float(least[0] / least[1])


def peak_mib(size: tuple[int, int]) -> float:
    """Return how far memory rises while the features are evaluated; call it in a fresh process."""
    formulas, panel = roots(), panel_of(bars(*size))
    small = panel_of({name: values[:100] for name, values in panel.fields.items()})
    seconds(formulas, small)  # What the kernels' code takes is not of the data.
    Path("/proc/self/clear_refs").write_text("5")  # The peak begins anew: making bars took more.
    before = _peak_kib()
    seconds(formulas, panel)
    return (_peak_kib() - before) / 1024


def _peak_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def against_peers(formulas: list[Node], panel: Panel, folder: Path) -> None:
    """Print the ratios to the libraries and to pyqlib."""
    ours, theirs = [], {}
    texts = folder / "texts.json"
    texts.write_text(json.dumps(list(feature_set("alpha158").values())))
    with child("rolling.py", str(folder)) as rolling:
        for name in LIBRARIES:
            ours.append(seconds(formulas, panel))
            theirs[name] = rolling.ask(name)
    with child("qlib_features.py", str(folder), str(texts), str(QLIB_NAMES)) as qlib:
        ours.append(seconds(formulas, panel))
        theirs["pyqlib"] = qlib.ask("go")
    best = min(ours)
    elementwise = min(theirs[name].pop("elementwise") for name in LIBRARIES)
    every = {window for name in LIBRARIES for window in theirs[name]}
    for name in LIBRARIES:
        total = sum(theirs[name].values()) + elementwise
        lacks = len(every - set(theirs[name]))
        note = f"   (lacks {lacks} of {len(every)} windows)" if lacks else ""
        print(f"  {name:<44}{total / best:>9.2f}{note}")
    least = elementwise + sum(
        min(theirs[name].get(window, np.inf) for name in LIBRARIES) for window in every
    )
    print(line("  the fastest of them at each window", least / best, TARGET_BEST))
    scaled = theirs["pyqlib"]["seconds"] * len(panel.symbols) / QLIB_NAMES
    print(line(f"  pyqlib, {QLIB_NAMES} instruments scaled", scaled / best, TARGET_QLIB))


def main() -> None:
    """Print peers' times over ours, and memory."""
    size = QUICK if "--quick" in sys.argv else FULL
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        mib = pool.apply(peak_mib, (size,))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        cores = pool.apply(core_ratio, (size,))
    one_core()
    formulas, panel = roots(), panel_of(bars(*size))
    seconds(formulas, panel_of({name: values[:100] for name, values in panel.fields.items()}))
    print(f"alpha158 on {size[1]} x {size[0]}, one core; times over ours{'target':>23}")
    if PYTHON.exists():
        with tempfile.TemporaryDirectory() as folder:
            save_for_peers(panel.fields, Path(folder))
            against_peers(formulas, panel, Path(folder))
    else:
        print("  no peers: `make peers` installs them")
    print(line("  two threads over one, every fourth feature", cores, TARGET_CORES))
    print(line("  peak memory above data, MiB", mib, MIB_MAX, is_least=False))


if __name__ == "__main__":
    main()
