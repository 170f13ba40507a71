"""Each kernel's time over the copy limit: ``out[:] = x`` on 200 x 8760 float64, pages touched.

Kernels run alone on a full panel of prices, windows 24 and 168; the copy is measured again before
each of them, so that a busy machine slows both. Ratios beside their targets, where there is one.

    python benchmarks/panel_eval.py [--only NAME ...] [--repeats N]
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alphaforge.core.panel import Panel
from alphaforge.dsl.nodes import Field, Node, Parameter, signature
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.samples import operators, sample

ROWS, COLUMNS = 8760, 200
WINDOWS = (24, 168)
REPEATS = 7
CACHE = Path(__file__).resolve().parent.parent / ".pytest_cache" / "kernels"
TARGETS = {
    **dict.fromkeys(("ts_mean", "ts_sum"), 2),
    **dict.fromkeys(("ts_std", "ts_var", "ts_corr", "ts_cov", "ts_beta"), 4),
    **dict.fromkeys(("decay_linear", "ts_slope"), 4),
    **dict.fromkeys(("ts_min", "ts_max", "ts_argmax", "ts_argmin"), 6),
    "ts_rank": 20,
    **dict.fromkeys(("ts_quantile", "ts_median"), 60),
    "rank": 35,
}

Matrix = NDArray[np.float64]


def once_ms(work: Callable[[], object]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def best_ms(work: Callable[[], object], repeats: int) -> float:
    """Time some calls and keep the fastest: the others were disturbed."""
    return min(once_ms(work) for _ in range(repeats))


def inputs() -> dict[str, Matrix]:
    """Make prices with a few holes, and groups."""
    rng = np.random.default_rng(1)
    fields: dict[str, Matrix] = {}
    for name in ("x", "y", "z"):
        values = np.exp(0.01 * rng.standard_normal((ROWS, COLUMNS)).cumsum(axis=0))
        values[rng.random(values.shape) < 0.0005] = np.nan
        fields[name] = values
    fields["group"] = rng.integers(0, 5, size=(ROWS, COLUMNS)).astype(np.float64)
    return fields


def call_of(
    kernels: Kernels, node: Node, fields: dict[str, Matrix], out: Matrix
) -> Callable[[], object]:
    """Return one operator's kernel with all that it is called with."""
    kernel = kernels.of(type(node))
    children = [fields[child.field] for child in node.children() if isinstance(child, Field)]
    is_variadic = Parameter.NODES in {parameter for parameter, _ in signature(type(node)).values()}
    given: list[object] = [tuple(children)] if is_variadic else list(children)
    # A state that goes on from call to call: the work is the same whatever it holds.
    state = [np.full((node.state_rows, COLUMNS), np.nan)] if node.carries_state else []
    arguments = [*given, *node.parameters().values(), *state, 0, out]
    return lambda: kernel(*arguments)


def print_kernel(
    name: str, bars: int, call: Callable[[], object], copy: Callable[[], object], repeats: int
) -> None:
    """Print a kernel's time beside the copy's, each the best of calls that took turns."""
    copies, calls = zip(*((once_ms(copy), once_ms(call)) for _ in range(repeats)), strict=True)
    ratio = min(calls) / min(copies)
    target = TARGETS.get(name)
    mark = "" if target is None else f"{target:>9}  {'pass' if ratio <= target else 'MISS'}"
    print(f"{name:<16}{bars or '':>8}{min(calls):>9.2f}{ratio:>9.1f}{mark}", flush=True)


def main() -> None:
    """Print a table of ratios, then a whole formula."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=sorted(operators()))
    parser.add_argument("--repeats", type=int, default=REPEATS)
    chosen = parser.parse_args()
    kernels, fields = Kernels(CACHE), inputs()
    out = np.zeros((ROWS, COLUMNS))
    print(f"{'operator':<16}{'window':>8}{'ms':>9}{'x copy':>9}{'target':>9}")
    for name, operator in operators().items():
        if chosen.only and name not in chosen.only:
            continue
        for bars in WINDOWS if "bars" in signature(operator) else (0,):
            call = call_of(kernels, sample(operator, bars), fields, out)
            print_kernel(name, bars, call, lambda: np.copyto(out, fields["x"]), chosen.repeats)
    if not chosen.only:
        print_formula(kernels, fields, chosen.repeats)


def node(name: str, *arguments: object) -> Node:
    """Make a node of the operator of a name."""
    return operators()[name](*arguments)


def print_formula(kernels: Kernels, fields: dict[str, Matrix], repeats: int) -> None:
    """Time a formula through the evaluator, its field copies and masks included."""
    change = node("returns", Field("x"))
    reversal = node("div", node("ts_sum", change, 24), node("ts_std", change, 168))
    formula = node("zscore", node("rank", reversal))
    panel = Panel(
        dataset="bench",
        snapshot="bench",
        bar_seconds=3600,
        times=np.arange(ROWS) * 3600,
        symbols=tuple(f"S{number:03d}" for number in range(COLUMNS)),
        fields=fields,
    )
    took = best_ms(lambda: Evaluator(kernels).evaluate([formula], panel), repeats)
    rate = ROWS * COLUMNS / took * 1000 / 1e6
    print(f"zscore(rank(ts_sum(ret, 24) / ts_std(ret, 168))): {took:.1f} ms, {rate:.1f} M cells/s")


if __name__ == "__main__":
    main()
