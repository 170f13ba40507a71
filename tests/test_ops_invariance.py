"""What must hold for every operator, written once; a new operator's file is enough to be here."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from alphaforge.core.panel import Panel
from alphaforge.dsl.kernels import ARRAY, COMPILED
from alphaforge.dsl.nodes import Axis, Constant, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.fusion import is_cellwise
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import (
    Matrix,
    arguments_of,
    operators,
    panels,
    samples,
    title,
)

FIRST_BAR = 11  # Windows of 2, 7 and 30 then start amid their blocks.
KERNELS = Kernels(KERNEL_CACHE)
PANELS = panels(first_bar=FIRST_BAR)
EACH_SAMPLE = pytest.mark.parametrize("node", samples(), ids=title)
EACH_LOOKING_AROUND = pytest.mark.parametrize(
    "node", [node for node in samples() if node.axis is not Axis.ELEMENT], ids=title
)
EACH_CELLWISE = pytest.mark.parametrize(
    "node", [node for node in samples() if is_cellwise(node)], ids=title
)
EACH_COMPILED = pytest.mark.parametrize(
    "node", [node for node in samples() if type(node) in COMPILED], ids=title
)
EACH_PANEL = pytest.mark.parametrize("name", sorted(PANELS))


def evaluate(node: Node, panel: Panel) -> Matrix:
    return Evaluator(KERNELS).evaluate([node], panel)[0]


@cache
def whole(node: Node, name: str) -> Matrix:
    return evaluate(node, PANELS[name])


def assert_same_bytes(left: Matrix, right: Matrix) -> None:
    assert left.shape == right.shape
    assert np.ascontiguousarray(left).tobytes() == np.ascontiguousarray(right).tobytes()


def with_fields(panel: Panel, change: object) -> Panel:
    assert callable(change)
    return replace(panel, fields={name: change(name) for name in panel.fields})


@EACH_PANEL
@EACH_SAMPLE
def test_D3_no_operator_sees_the_future(node: Node, name: str) -> None:
    for stop in (1, 29, 30, 31, 71, 127, 159):
        assert_same_bytes(evaluate(node, PANELS[name].rows(0, stop)), whole(node, name)[:stop])


@EACH_PANEL
@EACH_SAMPLE
def test_a_chunk_with_its_warm_up_gives_the_same_bytes(node: Node, name: str) -> None:
    if node.carries_state:
        pytest.skip("state is handed from chunk to chunk: see the test of states")
    warmup = node.warmup_bars()
    for start in (1, 3, 17, 19, 20, 64, 101):
        chunk = evaluate(node, PANELS[name].rows(start, 150))
        assert_same_bytes(chunk[warmup:], whole(node, name)[start + warmup : 150])


@EACH_SAMPLE
def test_no_answer_comes_before_the_warm_up_is_over(node: Node) -> None:
    got = whole(node, "prices")
    if node.axis is Axis.TIME:
        assert np.isnan(got[: node.warmup_bars()]).all()
    complete = with_fields(PANELS["signed"], lambda name: 0.1 * np.abs(spread(name)) + 0.3)
    if hasattr(node, "exit"):
        node = replace(node, exit=Constant(0.0))  # type: ignore[type-var]
    assert np.isfinite(evaluate(node, complete)[node.warmup_bars()]).any()


def spread(name: str) -> Matrix:
    """Return values without gaps or ties; groups stay groups."""
    seed = sum(name.encode())
    values = np.random.default_rng(seed).standard_normal(PANELS["signed"].shape)
    return np.floor(values) if name == "group" else values


@EACH_PANEL
@EACH_SAMPLE
def test_F8_an_operator_looks_along_its_own_axis_only(node: Node, name: str) -> None:
    got = whole(node, name)
    if node.axis is not Axis.CROSS:
        other = with_fields(PANELS[name], lambda field: shifted(PANELS[name].fields[field], 4))
        assert_same_bytes(evaluate(node, other)[:, 4], got[:, 4])
    if node.axis is not Axis.TIME:
        other = with_fields(PANELS[name], lambda field: shifted(PANELS[name].fields[field].T, 50).T)
        assert_same_bytes(evaluate(node, other)[50], got[50])


def shifted(values: Matrix, keep: int) -> Matrix:
    """Change all columns but one."""
    found = values * 3.0 + 1.0
    found[:, keep] = values[:, keep]
    return found


@EACH_PANEL
@EACH_SAMPLE
def test_the_order_of_instruments_changes_no_value(node: Node, name: str) -> None:
    order = np.random.default_rng(3).permutation(PANELS[name].shape[1])
    turned = with_fields(PANELS[name], lambda field: PANELS[name].fields[field][:, order])
    got, want = evaluate(node, turned), whole(node, name)[:, order]
    if node.axis is Axis.CROSS:  # Sums are taken in the order of the instruments.
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-13)
    else:
        assert_same_bytes(got, want)


@EACH_SAMPLE
def test_D5_infinities_count_as_missing_and_never_come_out(node: Node) -> None:
    poisoned, cleaned = with_infinities(np.inf), with_infinities(np.nan)
    got = evaluate(node, poisoned)
    assert not np.isinf(got).any()
    assert_same_bytes(got, evaluate(node, cleaned))


@EACH_LOOKING_AROUND
def test_F6_kernels_themselves_take_infinities_as_missing(node: Node) -> None:
    outs = []
    for value in (np.inf, np.nan):
        panel = with_infinities(value)
        out = np.full(panel.shape, np.nan)
        KERNELS.of(type(node))(*arguments_of(node, panel), out)
        outs.append(out)
    assert not np.isinf(outs[0]).any()
    np.testing.assert_array_equal(outs[0], outs[1])


def with_infinities(value: float) -> Panel:
    rng = np.random.default_rng(5)

    def change(field: str) -> Matrix:
        values = PANELS["prices"].fields[field].copy()
        holes = rng.random(values.shape)
        values[holes < 0.01] = value
        values[holes > 0.99] = -value
        return values

    return with_fields(PANELS["prices"], change)


@EACH_PANEL
@EACH_CELLWISE
def test_kernels_of_one_cell_write_each_cell(node: Node, name: str) -> None:
    outs = []
    for before in (np.nan, 1234.5):
        outs.append(np.full(PANELS[name].shape, before))
        KERNELS.of(type(node))(*arguments_of(node, PANELS[name]), outs[-1])
    assert_same_bytes(*outs)


@EACH_SAMPLE
def test_huge_and_tiny_numbers_overflow_to_missing_not_to_infinity(node: Node) -> None:
    rng = np.random.default_rng(6)
    shape = PANELS["signed"].shape
    wild = with_fields(
        PANELS["signed"],
        lambda _: rng.choice([-1.0, 1.0], shape) * 10.0 ** rng.integers(-308, 308, shape),
    )
    assert not np.isinf(evaluate(node, wild)).any()


@EACH_PANEL
@EACH_SAMPLE
def test_equal_values_have_equal_bytes(node: Node, name: str) -> None:
    got = whole(node, name)
    assert not (np.signbit(got) & (got == 0.0)).any(), "a negative zero came out"
    bits = got.view(np.uint64)
    assert set(bits[np.isnan(got)]) <= set(np.array([np.nan]).view(np.uint64))


@EACH_COMPILED
def test_compiled_and_plain_python_kernels_agree_to_the_bit(node: Node) -> None:
    panel = PANELS["prices"].rows(50, 92)
    panel = with_fields(panel, lambda name: panel.fields[name][:, 1:6].copy())
    panel = replace(panel, symbols=panel.symbols[1:6])
    out = np.full(panel.shape, np.nan)
    with np.errstate(all="ignore"):
        COMPILED[type(node)](*arguments_of(node, panel), out)
    got = evaluate(node, panel)
    np.testing.assert_array_equal(got, out)


def test_every_operator_has_exactly_one_kernel_an_example_and_a_docstring() -> None:
    for name, operator in operators().items():
        assert (operator in ARRAY) != (operator in COMPILED), name
        assert operator.example, name
        assert operator.__doc__, name
        assert (operator.state_rows > 0) == operator.carries_state, name
        assert operator.axis is Axis.TIME or not operator.carries_state, name
