"""The evaluator: each sub-expression once, memory given back, the universe kept, same bytes."""

import resource
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from alphaforge.core.errors import BrokenError, NotFoundError
from alphaforge.core.panel import Panel
from alphaforge.dsl import compile_text
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.nodes import BARS_MAX, Constant, Field, Node
from alphaforge.dsl.strategy import Universe
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.graph import graph_of
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.universe import universe_mask
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import operators, panel_of, panels, samples

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
PANEL = panels(first_bar=11)["prices"]
X, Y = Field("x"), Field("y")


def node(name: str, *arguments: object) -> Node:
    return operators()[name](*arguments)


def test_equal_sub_expressions_are_one_step_across_formulas() -> None:
    mean = node("ts_mean", Field("x"), 7)
    again = node("ts_mean", Field("x"), 7)
    graph = graph_of([node("div", mean, again), node("neg", again), again])
    names = [step.node.name or "x" for step in graph.steps]
    assert names == ["x", "ts_mean", "div", "neg"]
    assert graph.roots == (2, 3, 1)


def test_other_parameters_make_other_steps() -> None:
    graph = graph_of([node("delay", X, 1), node("delay", X, 2), node("delta", X, 1)])
    assert len(graph.steps) == 4


def test_a_very_deep_formula_needs_no_recursion() -> None:
    deep: Node = X
    for _ in range(5000):
        deep = node("neg", deep)
    assert len(graph_of([deep]).steps) == 5001


def test_a_batch_gives_the_bytes_of_each_formula_alone() -> None:
    batch = samples()
    together = EVALUATOR.evaluate(batch, PANEL)
    for one, got in zip(batch, together, strict=True):
        assert got.tobytes() == EVALUATOR.evaluate([one], PANEL)[0].tobytes(), one


def test_matrices_are_given_back_when_their_last_reader_is_done() -> None:
    panel = panel_of({"x": np.ones((5000, 40))})
    size = panel.fields["x"].nbytes
    chain: Node = X
    for _ in range(40):
        chain = node("add", (chain, Constant(1.0)))
    EVALUATOR.evaluate([node("abs", X)], panel)
    tracemalloc.start()
    (got,) = EVALUATOR.evaluate([chain], panel)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (got == 41.0).all()
    assert peak < 5 * size


def test_the_panel_is_neither_changed_nor_handed_out() -> None:
    before = PANEL.fields["x"].copy()
    (got,) = EVALUATOR.evaluate([X], PANEL)
    np.testing.assert_array_equal(got, before)
    got[:] = 0.0
    EVALUATOR.evaluate(samples(), PANEL)
    np.testing.assert_array_equal(PANEL.fields["x"], before)


def test_read_only_and_strided_fields_are_taken_too() -> None:
    values = np.asfortranarray(PANEL.fields["x"])
    values.setflags(write=False)
    mean = node("ts_mean", X, 7)
    got = EVALUATOR.evaluate([mean], replace(PANEL, fields={"x": values}))[0]
    assert got.tobytes() == EVALUATOR.evaluate([mean], PANEL)[0].tobytes()


def test_a_constant_is_the_same_at_every_cell() -> None:
    got = EVALUATOR.evaluate([node("mul", (Constant(2.0), Constant(3.0)))], PANEL)[0]
    assert got.shape == PANEL.shape
    assert (got == 6.0).all()


def test_a_field_that_the_panel_lacks_is_named_with_the_nearest_one() -> None:
    panel = replace(PANEL, fields={"close": PANEL.fields["x"]})
    with pytest.raises(NotFoundError, match="`clse`") as caught:
        EVALUATOR.evaluate([Field("clse")], panel)
    assert "`close`" in caught.value.help


def test_an_operator_without_a_kernel_is_named() -> None:
    class Bare(Node):
        name = "bare"

    with pytest.raises(BrokenError, match="`bare`"):
        Kernels(None).of(Bare)


def test_F7_strangers_to_the_universe_neither_count_nor_get_a_rank() -> None:
    universe = np.random.default_rng(1).random(PANEL.shape) < 0.6
    got = EVALUATOR.evaluate([node("rank", X)], PANEL, universe)[0]
    hidden = np.where(universe, PANEL.fields["x"], np.nan)
    want = EVALUATOR.evaluate([node("rank", X)], replace(PANEL, fields={"x": hidden}))[0]
    assert got.tobytes() == want.tobytes()
    assert np.isnan(got[~universe]).all()


def test_F7_windows_see_bars_from_before_an_instrument_joined() -> None:
    universe = np.zeros(PANEL.shape, dtype=np.bool_)
    universe[100:] = True
    mean = node("ts_mean", X, 7)
    got = EVALUATOR.evaluate([mean], PANEL, universe)[0]
    assert got.tobytes() == EVALUATOR.evaluate([mean], PANEL)[0].tobytes()


def test_progress_ends_at_the_total() -> None:
    seen: list[tuple[float, float, str]] = []
    EVALUATOR.evaluate(
        [node("rank", node("ts_mean", X, 7))],
        PANEL,
        report=lambda done, total, message: seen.append((done, total, message)),
    )
    assert seen[0][0] == 0
    assert seen[-1][:2] == (len(PANEL.times), len(PANEL.times))


def test_an_empty_panel_gives_empty_values() -> None:
    panel = panel_of({name: np.empty((0, 3)) for name in ("x", "y", "z", "group")})
    for got in EVALUATOR.evaluate(samples(), panel):
        assert got.shape == (0, 3)


def test_a_panel_shorter_than_the_window_has_no_answers() -> None:
    panel = PANEL.rows(0, 5)
    for name in ("ts_mean", "ts_std", "ts_max", "ts_argmin", "ts_slope", "ts_rank", "delta"):
        assert np.isnan(EVALUATOR.evaluate([node(name, X, 7)], panel)[0]).all(), name


def universe_panel() -> Panel:
    close = np.array(
        [
            [10.0, 10.0, np.nan, 10.0],
            [10.0, 10.0, 10.0, 10.0],
            [10.0, np.nan, 10.0, 10.0],
            [10.0, 10.0, 10.0, np.inf],
        ]
    )
    size = np.array(
        [
            [1.0, 2.0, 3.0, 2.0],
            [1.0, 2.0, 3.0, 2.0],
            [1.0, 9.0, np.nan, 2.0],
            [5.0, 5.0, 5.0, 9.0],
        ]
    )
    return panel_of({"close": close, "size": size})


def test_the_universe_is_the_largest_of_those_with_a_bar_and_the_first_symbol_of_equals() -> None:
    mask = universe_mask(Universe(top=2, by=Field("size")), universe_panel(), EVALUATOR)
    want = [[0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 1, 0, 0]]
    np.testing.assert_array_equal(mask, np.array(want, dtype=np.bool_))


def test_the_universe_waits_for_enough_history() -> None:
    mask = universe_mask(Universe(min_history_bars=3), universe_panel(), EVALUATOR)
    want = [[0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1], [1, 1, 1, 0]]
    np.testing.assert_array_equal(mask, np.array(want, dtype=np.bool_))


def test_D3_who_is_in_the_universe_does_not_depend_on_later_bars() -> None:
    panel = replace(PANEL, fields={"close": PANEL.fields["x"], "size": PANEL.fields["y"]})
    universe = Universe(top=3, by=node("ts_mean", Field("size"), 7), min_history_bars=5)
    whole = universe_mask(universe, panel, EVALUATOR)
    assert whole.any()
    for stop in (1, 30, 77, 150):
        np.testing.assert_array_equal(
            universe_mask(universe, panel.rows(0, stop), EVALUATOR), whole[:stop]
        )


# No value there is an answer of theirs, not a gap in the data: nothing held, outside of a tail, a
# group of one.
MAY_HAVE_NONE = {
    "group_scale",
    "group_std",
    "group_zscore",
    "left_tail",
    "right_tail",
    "trade_when",
}


def catalogue() -> Catalogue:
    packs = [made for made in operators().values() if ".packs." in made.__module__]
    return Catalogue.builtin().with_pack("midfreq", "1", packs, ())


@pytest.mark.parametrize("name", sorted(operators()))
def test_every_operators_example_compiles_and_has_values(name: str) -> None:
    compilation = compile_text(operators()[name].example, catalogue())
    assert compilation.is_ok, compilation.diagnostics
    rng = np.random.default_rng(1)
    prices = np.exp(0.01 * rng.standard_normal((400, 6)).cumsum(axis=0))
    fields = {field: prices * (1 + 0.001 * rng.random((400, 6))) for field in compilation.inputs}
    got = EVALUATOR.evaluate([compilation.require().signal], panel_of(fields))[0]
    has_value = np.isfinite(got[compilation.warmup_bars :])
    assert has_value.any() if name in MAY_HAVE_NONE else has_value.all()
    assert np.isnan(got[: compilation.warmup_bars]).all()


def test_a_window_longer_than_the_panel_takes_no_memory() -> None:
    corr = node("ts_corr", X, Y, BARS_MAX)
    EVALUATOR.evaluate([node("ts_corr", X, Y, 7)], PANEL)  # Compiled before memory is watched.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    EVALUATOR.evaluate([corr] * 3, PANEL)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # Seven numbers a bar and instrument would be 50 MB.
    assert grown_kib < 10_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("close + open + volume", "volume + (open + close)"),
        ("close * open * volume", "open * (volume * close)"),
        ("ts_mean(close + open + volume, 5)", "ts_mean(volume + close + open, 5)"),
    ],
)
def test_E7_texts_of_one_fingerprint_have_the_same_bytes(one: str, other: str) -> None:
    rng = np.random.default_rng(4)
    close, opens, volume = (rng.normal(size=(300, 4)) * 10.0**size for size in (0, 1, -1))
    panel = panel_of({"close": close, "open": opens, "volume": volume})
    made = [compile_text(text, Catalogue.builtin(), bar_seconds=3600) for text in (one, other)]
    assert made[0].fingerprint == made[1].fingerprint
    first, second = EVALUATOR.evaluate([item.require().signal for item in made], panel)
    (alone,) = EVALUATOR.evaluate([made[1].require().signal], panel)
    assert first.tobytes() == second.tobytes() == alone.tobytes()
    # On this panel the order is of account: sums in another one differ.
    assert ((close + opens) + volume).tobytes() != (close + (opens + volume)).tobytes()
