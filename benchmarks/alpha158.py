"""Alpha158 on 200 x 8760, one core: against public libraries, and against pyqlib's own engine.

The libraries run in the peers' virtual environment (`make peers`), timed inside it, in turn with
ours, all on one core and one thread. Ours streams: each value is handed over and let go. Each step
is charged to the libraries at the fastest of numbagg, bottleneck, pandas, polars and numpy, laid
out as that one likes it, and once however many features share it. pyqlib goes instrument by
instrument, so that it is given a few and its time is scaled. Memory is that of a process of its
own, its peak above what it holds before.
"""

import json
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from alphaforge.benchmarks.peers.against import Found, against_libraries
from alphaforge.benchmarks.peers.parent import (
    CACHE,
    PYTHON,
    Matrix,
    bars,
    child,
    line,
    one_core,
    panel_of,
)
from alphaforge.benchmarks.peers.parent import save as save_for_peers
from alphaforge.core.panel import Panel
from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.feature_sets import DIALECT, feature_set
from alphaforge.dsl.nodes import Node, walk
from alphaforge.dsl.ops.ts_quantile import TsQuantile
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels

TARGET_BEST, TARGET_QLIB = 3.0, 20.0
MIB_MAX = 300
FULL, QUICK = (8760, 200), (500, 8)
TARGET_CORES = 1.7
ROUNDS, CORE_ROUNDS = 3, 5
QLIB_NAMES = 4
# The panel on which values are compared, and its first rows that are not.
QLIB_BARS, QLIB_FIRST = 1000, 100
QLIB_RELATIVE = 1e-4
EVALUATOR = Evaluator(Kernels(CACHE))


def roots() -> list[Node]:
    """Compile the 158 features."""
    catalogue = Catalogue.builtin()
    texts = feature_set("alpha158").values()
    found = [compile_text(text, catalogue, dialect=DIALECT).require().signal for text in texts]
    assert len(found) == 158
    return found


def evaluation(formulas: list[Node], panel: Panel, threads: int = 1) -> float:
    """Time one evaluation of all features; each value is handed over and let go."""
    evaluator = Evaluator(Kernels(CACHE), threads=threads)
    begun = time.perf_counter()
    evaluator.stream(formulas, panel, None, lambda _root, _row, _values: None)
    return time.perf_counter() - begun


def core_ratios(size: tuple[int, int]) -> tuple[float, float]:
    """Return the speed of two threads over one, and that of two processes of one thread each.

    The processes share nothing but caches and memory: no more than theirs can be had of the two
    cores. Call it in a process on all cores.
    """
    formulas, panel = roots(), panel_of(bars(*size))
    one, two, both = [], [], []
    for _ in range(CORE_ROUNDS):
        one.append(evaluation(formulas, panel))
        two.append(evaluation(formulas, panel, 2))
        both.append(_twice_at_once(formulas, panel))
    return min(one) / min(two), 2 * min(one) / min(both)


def _twice_at_once(formulas: list[Node], panel: Panel) -> float:
    context = multiprocessing.get_context("fork")
    two = [context.Process(target=evaluation, args=(formulas, panel)) for _ in range(2)]
    begun = time.perf_counter()
    for process in two:
        process.start()
    for process in two:
        process.join()
    return time.perf_counter() - begun


def peak_mib(size: tuple[int, int], threads: int) -> float:
    """Return how far memory rises while the features are evaluated; call it in a fresh process."""
    formulas, panel = roots(), panel_of(bars(*size))
    small = panel_of({name: values[:100] for name, values in panel.fields.items()})
    evaluation(formulas, small, threads)  # What the kernels' code takes is not of the data.
    Path("/proc/self/clear_refs").write_text("5")  # The peak begins anew: making bars took more.
    before = _peak_kib()
    evaluation(formulas, panel, threads)
    return (_peak_kib() - before) / 1024


def _peak_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def without_quantiles(formulas: list[Node], panel: Panel, found: Found) -> None:
    """Print the ratio of the features without the windows' quantiles, the libraries' slowest."""
    rest = [
        formula
        for formula in formulas
        if not any(isinstance(node, TsQuantile) for node in walk(formula))
    ]
    ours = min(evaluation(rest, panel) for _ in range(ROUNDS))
    theirs = found.spent.total() - found.spent[TsQuantile.name]
    print(f"{'    without the quantiles of windows':<46}{theirs / ours:>9.2f}")


def against_qlib(formulas: list[Node], panel: Panel, ours: float, folder: Path) -> None:
    """Print pyqlib's time over ours, and on how many features its values agree.

    It keeps fields as float32, so that ours are computed from such ones too, and answers sooner
    than a whole window: the first rows are left aside.
    """
    texts, answers = folder / "texts.json", folder / "qlib.npy"
    texts.write_text(json.dumps(list(feature_set("alpha158").values())))
    few = bars(QLIB_BARS, QLIB_NAMES, missing=0.0)
    few = {name: values.astype(np.float32).astype(np.float64) for name, values in few.items()}
    for name, fields in (("all", panel.fields), ("few", few)):
        (folder / name).mkdir()
        save_for_peers(
            {field: values[:, :QLIB_NAMES] for field, values in fields.items()}, folder / name
        )
    where = [str(place) for place in (folder / "all", folder / "few", texts, answers)]
    with child("qlib_features.py", *where) as qlib:
        seconds = qlib.ask("time")["seconds"]
        ours = min(ours, evaluation(formulas, panel))
        qlib.ask("values")
    theirs = np.load(answers)[:, QLIB_FIRST:]
    found = EVALUATOR.evaluate(formulas, panel_of(few))
    agreeing = sum(
        is_near(values, one[QLIB_FIRST:]) for values, one in zip(theirs, found, strict=True)
    )
    scaled = seconds * len(panel.symbols) / QLIB_NAMES
    print(line(f"  pyqlib, {QLIB_NAMES} instruments scaled", scaled / ours, TARGET_QLIB))
    print(f"  features whose values agree with pyqlib's float32: {agreeing} of {len(formulas)}")


def is_near(theirs: Matrix, ours: Matrix) -> bool:
    """Tell whether values agree as far as float32 carries through a window."""
    size = np.maximum(np.abs(ours), np.abs(ours).mean())
    return bool((np.abs(theirs - ours) <= QLIB_RELATIVE * size).all())


def main() -> None:
    """Print peers' times over ours, and memory."""
    size = QUICK if "--quick" in sys.argv else FULL
    spawn = multiprocessing.get_context("spawn")
    mib = []
    for threads in (1, 2):
        with spawn.Pool(1) as pool:
            mib.append(pool.apply(peak_mib, (size, threads)))
    # A process of a pool may not start its own.
    with ProcessPoolExecutor(1, spawn) as pool_of_one:
        cores, most = pool_of_one.submit(core_ratios, size).result()
    one_core()
    formulas, panel = roots(), panel_of(bars(*size))
    evaluation(formulas, panel_of({name: values[:100] for name, values in panel.fields.items()}))
    print(f"alpha158 on {size[1]} x {size[0]}, one core; times over ours{'target':>23}")
    if PYTHON.exists():
        found = against_libraries(
            formulas, panel, EVALUATOR, lambda: evaluation(formulas, panel), TARGET_BEST
        )
        without_quantiles(formulas, panel, found)
        with tempfile.TemporaryDirectory() as folder:
            against_qlib(formulas, panel, found.ours, Path(folder))
    else:
        print("  no peers: `make peers` installs them")
    print(line("  two threads over one", cores, TARGET_CORES))
    print(f"{'  two processes over one, the most there is':<46}{most:>9.2f}")
    for threads, most_mib in enumerate(mib, 1):
        what = f"  peak memory above data, MiB, threads: {threads}"
        print(line(what, most_mib, MIB_MAX, is_least=False))


if __name__ == "__main__":
    main()
