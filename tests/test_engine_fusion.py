"""Steps of one cell in blocks: the bytes of whole matrices, and no buffer for what is inside."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.feature_sets import DIALECT, feature_set
from alphaforge.dsl.nodes import Constant, Field, Node, walk
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.fusion import BLOCK, INPUTS_MAX, fused, is_cellwise
from alphaforge.engine.graph import graph_of
from alphaforge.engine.incremental import Live
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import operators, panel_of, samples
from alphaforge.tests.trees import FIELDS, formulas, tries

KERNELS = Kernels(KERNEL_CACHE)
EVALUATOR = Evaluator(KERNELS)
X, Y = Field("x"), Field("y")


def node(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def prices(rows: int, columns: int) -> dict[str, np.ndarray]:
    """Draw fields with gaps, zeros of both signs, ties, and values too small and too large."""
    rng = np.random.default_rng(5)
    found = {}
    for name in (*FIELDS, "x", "y"):
        values = np.round(rng.standard_normal((rows, columns)), 1)
        values[rng.random(values.shape) < 0.05] = np.nan
        values[rng.random(values.shape) < 0.05] = 0.0
        values[rng.random(values.shape) < 0.01] *= 1e200
        values[rng.random(values.shape) < 0.01] *= 1e-200
        found[name] = values
    return found


PANEL = replace(panel_of(prices(150, 3)), first_bar=9)
# More cells than two blocks, and no whole count of them.
WIDE = panel_of(prices(801, 53))


@pytest.mark.timeout(240)  # Each kernel may be compiled here for the first time.
@tries(150)
@given(formulas(4), st.sampled_from([1, 7, 64, 10**6]))
def test_fused_steps_give_the_bytes_of_steps_that_are_each_asked_for(root: Node, rows: int) -> None:
    # Who asks for each step gets each as a matrix: nothing is inside another.
    steps = list(dict.fromkeys(walk(root)))
    evaluator = Evaluator(KERNELS, cells=rows * PANEL.shape[1])
    whole = EVALUATOR.evaluate(steps, PANEL)[-1]
    assert evaluator.evaluate([root], PANEL)[0].tobytes() == whole.tobytes()
    live = Live([root], PANEL.symbols, KERNELS)
    cuts = [*range(0, PANEL.shape[0], max(10, min(rows, 10**6))), PANEL.shape[0]]
    pieces = [live.advance(PANEL.rows(start, stop))[0] for start, stop in pairwise(cuts)]
    assert np.concatenate(pieces).tobytes() == whole.tobytes()


def balanced(depth: int, number: int = 1) -> Node:
    """Grow a tree all of whose steps differ."""
    if depth == 0:
        return node("mul", (X, Constant(float(number))))
    left, right = balanced(depth - 1, 2 * number), balanced(depth - 1, 2 * number + 1)
    return node("add" if depth % 2 else "max", (left, right))


@pytest.mark.parametrize("root", [balanced(5), *filter(is_cellwise, samples())], ids=str)
def test_blocks_that_do_not_divide_the_cells_change_no_byte(root: Node) -> None:
    assert WIDE.fields["x"].size % BLOCK
    more = node("if_else", node("gt", node("neg", X), Y), node("abs", Y), node("mul", (X, Y)))
    panel = replace(WIDE, fields={**WIDE.fields, "z": WIDE.fields["y"], "group": WIDE.fields["x"]})
    for formula in (root, node("add", (node("neg", root), more))):
        steps = list(dict.fromkeys(walk(formula)))
        whole = EVALUATOR.evaluate(steps, panel)[-1]
        assert EVALUATOR.evaluate([formula], panel)[0].tobytes() == whole.tobytes()


def test_what_is_inside_a_block_has_no_matrix() -> None:
    panel = panel_of({"x": np.ones((40_000, 50))})
    root = balanced(6)
    evaluator = Evaluator(KERNELS, cells=10**9)
    evaluator.evaluate([root], panel.rows(0, 2))  # Compiled before memory is watched.
    tracemalloc.start()
    evaluator.evaluate([root], panel)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The field, the answer and the caller's copy of it; step by step it would be six more.
    assert peak < 3.8 * panel.fields["x"].nbytes


def names_of(roots: list[Node], asked: frozenset[int] = frozenset()) -> dict[str, list[str]]:
    graph = graph_of(roots)
    groups = fused(graph, asked | set(graph.roots))
    return {
        graph.steps[last].node.name: [graph.steps[place].node.name for place in places]
        for last, places in groups.items()
    }


def test_a_step_that_somebody_else_reads_is_a_matrix_and_those_between_are_not() -> None:
    gap = node("neg", X)
    one = node("abs", node("div", gap, Y))
    assert names_of([one]) == {"abs": ["neg", "div", "abs"]}
    # A window reads it, another formula reads it, or it is asked for.
    with_window = node("max", (node("abs", gap), node("ts_mean", gap, 5)))
    assert names_of([with_window]) == {"neg": ["neg"], "max": ["abs", "max"]}
    assert names_of([one, node("sign", gap)]) == {
        "neg": ["neg"],
        "abs": ["div", "abs"],
        "sign": ["sign"],
    }
    assert names_of([one, gap]) == {"neg": ["neg"], "abs": ["div", "abs"]}


def test_a_block_reads_a_bounded_count_of_matrices() -> None:
    means = [node("ts_mean", X, bars) for bars in range(2, 30)]
    total = means[0]
    for mean in means[1:]:
        total = node("add", (total, mean))
    graph = graph_of([total])
    groups = fused(graph, frozenset(graph.roots))
    assert sum(map(len, groups.values())) == len(means) - 1
    for places in groups.values():
        read = {source for place in places for source in graph.steps[place].inputs}
        assert len(read - set(places)) <= INPUTS_MAX


@pytest.mark.timeout(240)  # Each kernel may be compiled here for the first time.
def test_alpha158_is_the_same_in_chunks_of_any_size_and_bar_by_bar() -> None:
    catalogue = Catalogue.builtin()
    texts = feature_set("alpha158").values()
    roots = [compile_text(text, catalogue, dialect=DIALECT).require().signal for text in texts]
    rng = np.random.default_rng(6)
    close = np.exp(0.01 * rng.standard_normal((150, 3)).cumsum(axis=0))
    names = ("open", "high", "low", "close", "vwap", "volume")
    fields = {name: close * (1 + 0.01 * rng.random(close.shape)) for name in names}
    panel = replace(panel_of(fields), first_bar=9)
    steps = list(dict.fromkeys(one for root in roots for one in walk(root)))
    wholes = dict(zip(steps, EVALUATOR.evaluate(steps, panel), strict=True))
    # A chunk is never shorter than some windows, so that these are as small as they get.
    for rows in (1, 7, 64, 150):
        got = Evaluator(KERNELS, cells=rows * 3).evaluate(roots, panel)
        assert [one.tobytes() for one in got] == [wholes[root].tobytes() for root in roots]
        live = Live(roots, panel.symbols, KERNELS)
        cuts = [*range(0, 150, rows), 150]
        pieces = [live.advance(panel.rows(start, stop)) for start, stop in pairwise(cuts)]
        for root, parts in zip(roots, zip(*pieces, strict=True), strict=True):
            assert np.concatenate(parts).tobytes() == wholes[root].tobytes()
