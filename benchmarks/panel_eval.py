"""Each kernel's time over the copy limit: ``out[:] = x`` on 200 x 8760 float64, pages touched.

Kernels run alone on a full panel of prices, windows 24 and 168; the copy is measured again before
each of them, so that a busy machine slows both. Ratios beside their targets, where there is one.
"""

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
REPEATS = 5
CACHE = Path(__file__).resolve().parent.parent / ".pytest_cache" / "kernels"
TARGETS = {
    "ts_mean": 2,
    "ts_std": 4,
    "ts_corr": 4,
    "decay_linear": 4,
    "ts_slope": 4,
    "ts_min": 6,
    "ts_max": 6,
    "ts_argmax": 6,
    "ts_rank": 20,
    "ts_quantile": 60,
    "rank": 35,
}

Matrix = NDArray[np.float64]


def best_ms(work: Callable[[], object]) -> float:
    """Time some calls and keep the fastest: the others were disturbed."""
    found = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found) * 1000


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


def kernel_ms(kernels: Kernels, node: Node, fields: dict[str, Matrix], out: Matrix) -> float:
    """Time one operator's kernel on its own."""
    kernel = kernels.of(type(node))
    children = [fields[child.field] for child in node.children() if isinstance(child, Field)]
    is_variadic = Parameter.NODES in {parameter for parameter, _ in signature(type(node)).values()}
    given: list[object] = [tuple(children)] if is_variadic else list(children)
    arguments = [*given, *node.parameters().values(), 0, out]
    return best_ms(lambda: kernel(*arguments))


def main() -> None:
    """Print a table of ratios, then a whole formula."""
    kernels, fields = Kernels(CACHE), inputs()
    out = np.zeros((ROWS, COLUMNS))
    print(f"{'operator':<16}{'window':>8}{'ms':>9}{'x copy':>9}{'target':>9}")
    for name, operator in operators().items():
        for bars in WINDOWS if "bars" in signature(operator) else WINDOWS[:1]:
            copy_ms = best_ms(lambda: np.copyto(out, fields["x"]))
            took = kernel_ms(kernels, sample(operator, bars), fields, out)
            window = str(bars) if "bars" in signature(operator) else ""
            target = f"{TARGETS[name]:>9}" if name in TARGETS else ""
            print(f"{name:<16}{window:>8}{took:>9.2f}{took / copy_ms:>9.1f}{target}")
    print_formula(kernels, fields)


def node(name: str, *arguments: object) -> Node:
    """Make a node of the operator of a name."""
    return operators()[name](*arguments)


def print_formula(kernels: Kernels, fields: dict[str, Matrix]) -> None:
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
    took = best_ms(lambda: Evaluator(kernels).evaluate([formula], panel))
    rate = ROWS * COLUMNS / took * 1000 / 1e6
    print(f"zscore(rank(ts_sum(ret, 24) / ts_std(ret, 168))): {took:.1f} ms, {rate:.1f} M cells/s")


if __name__ == "__main__":
    main()
