"""Bars in steps, chunks and threads, with what is carried between them: the bytes of one piece."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.core.panel import Panel
from alphaforge.dsl.nodes import Constant, Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.graph import graph_of
from alphaforge.engine.incremental import Following, Live
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.reach import kept_bars
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, operators, panel_of, panels, samples, title

KERNELS = Kernels(KERNEL_CACHE)
EVALUATOR = Evaluator(KERNELS)
Members = NDArray[np.bool_]
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


def in_steps(
    roots: list[Node], panel: Panel, cuts: Sequence[int], universe: Members | None = None
) -> list[Matrix]:
    """Go on from cut to cut, each bar given once."""
    live = Live(roots, panel.symbols, KERNELS)
    found = [
        live.advance(panel.rows(start, stop), None if universe is None else universe[start:stop])
        for start, stop in pairwise(cuts)
    ]
    return [np.concatenate(pieces) for pieces in zip(*found, strict=True)]


@pytest.mark.parametrize("name", sorted(PANELS))
@pytest.mark.parametrize("root", [*samples(), *NESTED], ids=title)
def test_D3_bars_that_go_on_give_the_bytes_of_the_whole(root: Node, name: str) -> None:
    whole = EVALUATOR.evaluate([root], PANELS[name])[0]
    (got,) = in_steps([root], PANELS[name], CUTS)
    assert got.tobytes() == whole.tobytes()


@pytest.mark.parametrize("with_universe", [False, True])
def test_many_formulas_go_on_bar_by_bar_together(with_universe: bool) -> None:  # noqa: FBT001
    roots, panel = [*NESTED, *NESTED, *samples()], PANELS["prices"]
    universe = np.random.default_rng(4).random(panel.shape) < 0.7 if with_universe else None
    wholes = EVALUATOR.evaluate(roots, panel, universe)
    for got, whole in zip(in_steps(roots, panel, range(161), universe), wholes, strict=True):
        assert got.tobytes() == whole.tobytes()


@pytest.mark.parametrize("cells", [1, 7, 53, 97, 1000])
@pytest.mark.parametrize("name", sorted(PANELS))
def test_the_size_of_chunks_and_the_count_of_threads_change_no_byte(name: str, cells: int) -> None:
    panel = PANELS[name]
    universe = np.random.default_rng(4).random(panel.shape) < 0.7
    plain = [root for root in samples() if not root.carries_state]
    for roots in ([*samples(), *NESTED], [*plain, X, Constant(2.0)]):
        wholes = Evaluator(KERNELS, cells=10**9).evaluate(roots, panel, universe)
        chunked = Evaluator(KERNELS, cells=cells, threads=3)
        for got, whole in zip(chunked.evaluate(roots, panel, universe), wholes, strict=True):
            assert got.tobytes() == whole.tobytes()
        streamed = [np.empty((0, panel.shape[1])) for _ in roots]

        def sink(number: int, row: int, values: Matrix, into: list[Matrix] = streamed) -> None:
            assert row == len(into[number])
            into[number] = np.concatenate([into[number], values])

        chunked.stream(roots, panel, universe, sink)
        for got, whole in zip(streamed, wholes, strict=True):
            assert got.tobytes() == whole.tobytes()


def test_long_panels_are_the_same_in_chunks_and_threads() -> None:
    rng = np.random.default_rng(9)
    close = np.exp(0.01 * rng.standard_normal((3001, 7)).cumsum(axis=0))
    close[rng.random(close.shape) < 0.01] = np.nan
    panel = replace(panel_of({"x": close}), first_bar=5)
    nested = mean(node("rank", node("div", mean(X, 24), node("ts_std", X, 31))), 11)
    roots = [nested, node("ts_corr", X, node("delay", nested, 3), 20)]
    wholes = Evaluator(KERNELS, cells=10**9).evaluate(roots, panel)
    for cells, threads in ((10, 1), (911, 2), (911, 4), (10**9, 1)):
        evaluator = Evaluator(KERNELS, cells=cells, threads=threads)
        got = evaluator.evaluate(roots, panel)
        assert [one.tobytes() for one in got] == [whole.tobytes() for whole in wholes]
        streamed = [np.full(panel.shape, 7.0) for _ in roots]
        ends = [0 for _ in roots]

        def sink(
            number: int,
            row: int,
            values: Matrix,
            ends: list[int] = ends,
            into: list[Matrix] = streamed,
        ) -> None:
            assert row == ends[number], "each formula in the order of time"
            ends[number] = row + len(values)
            into[number][row : ends[number]] = values

        evaluator.stream(roots, panel, None, sink)
        assert [one.tobytes() for one in streamed] == [whole.tobytes() for whole in wholes]


@pytest.mark.parametrize("bad_chunk", [0, 1, 2, 5, 8])
def test_what_fails_on_one_thread_ends_the_others(bad_chunk: int) -> None:
    panel = PANELS["prices"]
    evaluator = Evaluator(KERNELS, cells=20 * panel.shape[1], threads=3)
    roots = [mean(node("ema", X, 5), 5), node("rank", Y), mean(Z, 3)]

    rows: list[int] = []

    def sink(number: int, row: int, _values: Matrix) -> None:
        if number != 1:
            return
        rows.append(row)
        if len(rows) == bad_chunk + 1:
            raise InvalidInputError("the sink is full", help="empty it")

    with pytest.raises(InvalidInputError, match="the sink is full"):
        evaluator.stream(roots, panel, None, sink)


class Store:
    """Keeps what it wants in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[Node, Matrix] = {}
        self.asked: list[str] = []

    def bound_to(self, _panel: Panel, _universe: Members | None) -> "Store":
        return self

    def find(self, one: Node) -> Matrix | None:
        self.asked.append(one.name)
        return self.kept.get(one)

    def wants(self, one: Node) -> bool:
        return one.name in {"ts_mean", "rank"}

    def keep(self, one: Node, values: Matrix) -> None:
        self.kept[one] = values


def test_what_a_store_remembers_is_read_and_what_lies_below_is_left_out() -> None:
    store, panel = Store(), PANELS["prices"]
    root = node("neg", mean(node("rank", mean(X)), 9))
    plain = EVALUATOR.evaluate([root], panel)[0]
    evaluator = Evaluator(KERNELS, memory=store)
    assert evaluator.evaluate([root], panel)[0].tobytes() == plain.tobytes()
    assert len(store.kept) == 3
    for one, values in store.kept.items():
        assert values.tobytes() == EVALUATOR.evaluate([one], panel)[0].tobytes()
    store.asked.clear()
    # Without its field: it is read no more.
    lacking = replace(panel, fields={})
    assert evaluator.evaluate([root], lacking)[0].tobytes() == plain.tobytes()
    assert store.asked == ["neg", "ts_mean"]


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


def test_a_step_keeps_what_its_consumers_read_and_no_more() -> None:
    graph = graph_of([mean(node("ema", mean(X, 3), 5), 10), mean(X, 4)])
    kept = kept_bars(graph)
    names = [step.node.name or "x" for step in graph.steps]
    assert dict(zip(names[:3], kept[:3], strict=True)) == {"x": 3, "ts_mean": 0, "ema": 9}


def test_bars_that_do_not_go_on_are_refused() -> None:
    panel = PANELS["prices"]
    live = Live([mean(node("ema", X, 5), 10)], panel.symbols, KERNELS)
    live.advance(panel.rows(0, 50))
    for first, stop in ((51, 60), (42, 60)):
        with pytest.raises(InvalidInputError, match="go on at bar 61"):
            live.advance(panel.rows(first, stop))
    other = replace(panel.rows(50, 60), symbols=tuple(reversed(panel.symbols)))
    with pytest.raises(InvalidInputError, match="other instruments"):
        live.advance(other)


def test_bars_that_lack_a_field_leave_the_values_where_they_were() -> None:
    roots, panel = [node("ema", X, 5), node("hump", Y, 0.1)], PANELS["prices"]
    whole = EVALUATOR.evaluate(roots, panel)
    live = Live(roots, panel.symbols, KERNELS)
    live.advance(panel.rows(0, 50))
    lacking = replace(panel, fields={"x": panel.fields["x"]})
    with pytest.raises(NotFoundError):
        live.advance(lacking.rows(50, 160))
    for got, want in zip(live.advance(panel.rows(50, 160)), whole, strict=True):
        assert got.tobytes() == want[50:].tobytes()


def test_an_evaluator_that_follows_answers_as_one_that_begins_anew() -> None:
    panel, roots = PANELS["prices"], [mean(node("rank", node("ema", X, 5)), 6)]
    following = Following(KERNELS)
    one, two = (np.random.default_rng(seed).random(panel.shape) < 0.7 for seed in (1, 2))
    for stop, universe in ((90, one), (91, one), (91, two), (120, two), (60, one), (160, one)):
        got = following.evaluate(roots, panel.rows(0, stop), universe[:stop])[0]
        want = EVALUATOR.evaluate(roots, panel.rows(0, stop), universe[:stop])[0]
        assert got.tobytes() == want.tobytes()
