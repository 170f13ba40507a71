"""Chunks of bars in order, with what operators carry between them, give the bytes of one piece."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.core.panel import Panel
from alphaforge.dsl.nodes import Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.graph import graph_of
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.states import States, kept_bars, look_back
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, operators, panels, samples, title

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
PANELS = panels(first_bar=11)
# The first chunk is shorter than any window; one is a lone bar, one is empty.
CUTS = (0, 5, 6, 47, 47, 101, 160)
X, Y, Z = (Field(name) for name in "xyz")


def node(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def mean(x: Node, bars: int = 7) -> Node:
    return node("ts_mean", x, bars)


# Windows below and above what carries state, and one state above another.
NESTED = [
    mean(node("ema", mean(X), 5)),
    node("ema", mean(node("ema", mean(X, 3), 4), 6), 5),
    node("hump", node("rank", node("ema", X, 5)), 0.001),
    node("ts_max", node("bars_since_change", node("delay", X, 3)), 30),
    node(
        "trade_when",
        node("gt", X, mean(X)),
        node("delta", node("hump", Y, 0.01), 4),
        node("lt", node("ts_step", Z), node("resample", node("ema", X, 2), 7, "max")),
    ),
    node("resample", node("ts_step", X), 30, "sum"),
]


def in_chunks(roots: list[Node], panel: Panel, states: States, extra: int = 0) -> list[Matrix]:
    """Evaluate the new rows of each chunk, ``extra`` more old ones before it than it needs."""
    need = look_back(graph_of(roots)) + extra
    found: list[list[Matrix]] = []
    for start, stop in pairwise(CUTS):
        first = max(0, start - need)
        got = EVALUATOR.evaluate(roots, panel.rows(first, stop), states=states)
        found.append([values[start - first :] for values in got])
    return [np.concatenate(pieces) for pieces in zip(*found, strict=True)]


@pytest.mark.parametrize("name", sorted(PANELS))
@pytest.mark.parametrize("root", [*samples(), *NESTED], ids=title)
def test_D3_chunks_in_order_with_carried_states_are_the_whole(root: Node, name: str) -> None:
    whole = EVALUATOR.evaluate([root], PANELS[name])[0]
    (got,) = in_chunks([root], PANELS[name], States())
    assert got.tobytes() == whole.tobytes()


def test_many_formulas_share_one_set_of_states_and_more_old_bars_do_no_harm() -> None:
    roots = [*NESTED, *NESTED, *samples()]
    wholes = EVALUATOR.evaluate(roots, PANELS["prices"])
    for extra in (0, 1, 200):
        for got, whole in zip(
            in_chunks(roots, PANELS["prices"], States(), extra), wholes, strict=True
        ):
            assert got.tobytes() == whole.tobytes()


@pytest.mark.parametrize("root", NESTED, ids=title)
def test_D3_a_formula_with_state_does_not_see_later_bars(root: Node) -> None:
    whole = EVALUATOR.evaluate([root], PANELS["prices"])[0]
    for stop in (1, 30, 64, 159):
        (got,) = EVALUATOR.evaluate([root], PANELS["prices"].rows(0, stop))
        assert got.tobytes() == whole[:stop].tobytes()


@pytest.mark.parametrize("root", NESTED, ids=title)
def test_a_formula_that_carries_state_remembers_its_start(root: Node) -> None:
    assert any(step.node.carries_state for step in graph_of([root]).steps)
    whole = EVALUATOR.evaluate([root], PANELS["prices"])[0]
    late = EVALUATOR.evaluate([root], PANELS["prices"].rows(40, 160))[0]
    assert late[60:].tobytes() != whole[100:].tobytes()


def test_a_chunk_must_hold_the_bars_that_windows_below_and_above_need() -> None:
    graph = graph_of([mean(node("ema", mean(X, 3), 5), 10)])
    assert look_back(graph) == 9  # Above; below are two.
    assert look_back(graph_of([node("ema", mean(X, 13), 5)])) == 12
    assert look_back(graph_of([mean(mean(X, 3), 10)])) == 11
    kept = {step.node.name: bars for step, bars in zip(graph.steps, kept_bars(graph), strict=True)}
    assert kept["ema"] == 9


def test_a_chunk_that_does_not_go_on_is_refused() -> None:
    roots, panel, states = [mean(node("ema", X, 5), 10)], PANELS["prices"], States()
    EVALUATOR.evaluate(roots, panel.rows(0, 50), states=states)
    for first, stop in ((51, 60), (42, 60), (20, 49)):
        with pytest.raises(InvalidInputError, match="goes on at bar 61"):
            EVALUATOR.evaluate(roots, panel.rows(first, stop), states=states)
    with pytest.raises(InvalidInputError, match="other formulas"):
        EVALUATOR.evaluate([node("ema", X, 5)], panel.rows(41, 60), states=states)
    other = replace(panel.rows(41, 60), symbols=tuple(reversed(panel.symbols)))
    with pytest.raises(InvalidInputError, match="other formulas or instruments"):
        EVALUATOR.evaluate(roots, other, states=states)
    early = States()
    EVALUATOR.evaluate(roots, panel.rows(30, 50), states=early)
    with pytest.raises(InvalidInputError, match="goes on at bar 61"):
        EVALUATOR.evaluate(roots, panel.rows(29, 60), states=early)


def test_a_chunk_that_fails_leaves_the_states_as_they_were() -> None:
    roots, panel, states = [node("ema", X, 5), node("hump", Y, 0.1)], PANELS["prices"], States()
    whole = EVALUATOR.evaluate(roots, panel)
    EVALUATOR.evaluate(roots, panel.rows(0, 50), states=states)
    lacking = replace(panel, fields={"x": panel.fields["x"]})
    with pytest.raises(NotFoundError):
        EVALUATOR.evaluate(roots, lacking.rows(50, 160), states=states)
    for got, want in zip(
        EVALUATOR.evaluate(roots, panel.rows(50, 160), states=states), whole, strict=True
    ):
        assert got.tobytes() == want[50:].tobytes()
