"""The canonical form keeps every value, comes to rest, and does not depend on how a text is put."""

import math
import random  # noqa: TID251  # Orders are shuffled with a seed that hypothesis gives.
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alphaforge.core.panel import Panel
from alphaforge.dsl.canonical import REWRITES, Canonicalizer, canonicalize
from alphaforge.dsl.nodes import Constant, Field, Node
from alphaforge.dsl.rewriting import Rewrite
from alphaforge.dsl.shape import inputs_of, with_inputs
from alphaforge.dsl.table import Table
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import Matrix, panel_of, signed_of, walk_of
from alphaforge.tests.trees import (
    BOOLEAN,
    CATALOGUE,
    FIELDS,
    calls,
    formulas,
    numbers,
    tries,
    truths,
)

OPERATORS = CATALOGUE.operators
EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
TOLERANCE = 1e-9


def panel() -> Panel:
    """Return prices, sizes and rates with gaps, ties, zeros and constant stretches."""
    makers = (walk_of, walk_of, signed_of, signed_of)
    made = {name: make(at, 1.0) for at, (name, make) in enumerate(zip(FIELDS, makers, strict=True))}
    return panel_of({name: np.ascontiguousarray(values[:80]) for name, values in made.items()})


PANEL = panel()


def values(node: Node) -> Matrix:
    return EVALUATOR.evaluate([node], PANEL)[0]


def assert_same(left: Matrix, right: Matrix) -> None:
    np.testing.assert_array_equal(left, right)


def assert_close(left: Matrix, right: Matrix, scale: float) -> None:
    """Compare up to rounding; a huge sum may overflow to NaN in one order alone."""
    both = np.isfinite(left) & np.isfinite(right)
    assert np.mean(np.isfinite(left) != np.isfinite(right)) < 0.001
    np.testing.assert_allclose(left[both], right[both], rtol=TOLERANCE, atol=TOLERANCE * scale)


# The operators at whose nodes each rewrite has something to do, and which it looks for below.
AIMS = {
    "choose": (["if_else"], ["not_", "lt"]),
    "clamps": (["max", "min"], ["max", "min"]),
    "common_factors": (["add"], ["mul", "neg"]),
    "compare": (["gt", "ge", "not_"], ["lt", "le", "eq", "ne"]),
    "delays": (["delay"], ["delay"]),
    "deltas": (["add", "div"], ["neg", "delay", "delta"]),
    "extreme_signs": (["max", "min"], ["neg"]),
    "flatten": (["add", "mul", "max", "min", "and_", "or_"], []),
    "fold": (["add", "mul", "div", "abs", "max", "lt", "sqrt", "sign"], []),
    "idempotent": (["abs", "sign", "rank", "max", "and_"], []),
    "identity": (["add", "mul", "div", "pow", "signed_power", "and_"], []),
    "lags": (["div", "log", "add", "mul", "ts_max", "lt", "delay"], ["delay"]),
    "like_factors": (["mul", "pow"], ["pow"]),
    "like_terms": (["add"], ["mul", "neg"]),
    "logic": (["not_"], ["not_", "and_", "or_"]),
    "means": (["div", "mul"], ["ts_sum"]),
    "order": (["add", "mul", "max", "and_", "eq", "ts_corr"], ["neg"]),
    "powers": (["pow"], ["neg", "abs"]),
    "product_sign": (["mul", "div"], ["neg", "add"]),
    "quotients": (["mul", "div"], ["div", "mul"]),
    "scale_free": (["zscore", "ts_mean", "rank", "ts_corr"], ["mul"]),
    "signed_powers": (["mul"], ["sign", "abs"]),
    "signs": (["abs", "zscore", "ts_min", "ts_std", "delay", "ts_corr"], ["neg", "add"]),
    "sum_sign": (["neg"], ["neg", "add"]),
    "windows": (["ts_mean", "ts_sum", "ts_min", "decay_linear", "ts_std"], []),
}


@st.composite
def near(draw: st.DrawFn, rewrite: str) -> Node:
    """Grow a small formula whose root a rewrite is likely to change."""
    roots, below = AIMS[rewrite]
    name = draw(st.sampled_from(roots))
    node = draw(calls(name, 1))
    inputs = list(inputs_of(node))
    at = draw(st.integers(0, len(inputs) - 1))
    is_truth = name in {"and_", "or_", "not_"} or (name == "if_else" and at == 0)
    fitting = [word for word in below or [name] if (word in BOOLEAN) == is_truth]
    if fitting and name not in {"lt", "sqrt"}:
        inputs[at] = draw(calls(draw(st.sampled_from(fitting)), 0))
    elif not is_truth:
        inputs[at] = Constant(draw(st.sampled_from([0.0, 1.0, 2.0, -0.5])))
    return with_inputs(node, tuple(inputs))


def test_each_rewrite_has_an_aim() -> None:
    assert sorted(AIMS) == sorted(rewrite.name for rewrite in REWRITES)


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
@given(data=st.data())
@tries(60)
def test_each_rewrite_keeps_the_values(rewrite: Rewrite, data: st.DataObject) -> None:
    table = Table(OPERATORS)
    node = entered_into(table, data.draw(near(rewrite.name)))
    changed = rewrite(node, table)
    if changed is node:
        return
    if rewrite.rounds:
        assert_close(values(node), values(changed), scale_of(node))
    else:
        assert_same(values(node), values(changed))


def test_a_lag_stays_on_the_branch_that_has_it() -> None:
    # The condition is a number, and the branch it takes is there from the first bar on.
    node = call("if_else", Constant(1.0), Constant(0.5), call("delay", Field("close"), 1))
    product = call("mul", (Field("close"), node))
    assert_same(values(canonicalize(product, OPERATORS)), values(product))


def call(name: str, *arguments: object) -> Node:
    return OPERATORS[name](*arguments)


def test_lags_round_where_a_number_moves_out_of_a_product() -> None:
    factors = (Constant(0.1), Field("close"), Field("open"), Field("volume"))
    table = Table(OPERATORS)
    node = entered_into(table, call("delay", call("mul", factors), 1))
    lags = next(rewrite for rewrite in REWRITES if rewrite.name == "lags")
    changed = lags(node, table)
    assert np.any(values(changed) != values(node))
    assert lags.rounds


def test_a_division_by_a_negative_power_of_two_keeps_its_sign() -> None:
    table = Table(OPERATORS)
    node = call("div", Constant(1.0), call("mul", (Constant(-0.25), Field("close"))))
    quotients = next(rewrite for rewrite in REWRITES if rewrite.name == "quotients")
    changed = quotients(entered_into(table, node), table)
    assert changed != node
    assert_same(values(node), values(changed))


def entered_into(table: Table, node: Node) -> Node:
    return table.over(node, tuple(entered_into(table, item) for item in inputs_of(node)))


def scale_of(node: Node) -> float:
    """Return how large the parts of a sum or product are: rounding is relative to them."""
    parts = [np.nanmax(np.abs(values(item)), initial=1.0) for item in inputs_of(node)]
    return float(np.prod(parts)) if node.name == "mul" else float(np.sum(parts))


@given(formulas())
@tries(150)
def test_the_canonical_form_of_a_canonical_form_is_itself(formula: Node) -> None:
    once = canonicalize(formula, OPERATORS)
    assert canonicalize(once, OPERATORS) == once
    # Sharing nodes or not is no difference in meaning.
    assert canonicalize(copied(once), OPERATORS) == once


def copied(node: Node) -> Node:
    if isinstance(node, (Field, Constant)):
        return replace(node)
    return with_inputs(node, tuple(copied(item) for item in inputs_of(node)))


@given(formulas(), st.integers(0, 2**32))
@tries(150)
def test_D7_the_order_of_operands_does_not_alter_the_canonical_form(
    formula: Node, seed: int
) -> None:
    shuffled = reordered(formula, random.Random(seed))
    assert canonicalize(shuffled, OPERATORS) == canonicalize(formula, OPERATORS)


def reordered(node: Node, chance: random.Random) -> Node:
    """Return an equal formula in which operands that may change places have done so."""
    inputs = [reordered(item, chance) for item in inputs_of(node)]
    if type(node).is_commutative:
        chance.shuffle(inputs)
    if len(inputs) > 2 and node.name in {"add", "mul", "max", "min", "and_", "or_"}:
        inner = OPERATORS[node.name](tuple(inputs[:2]))  # type: ignore[call-arg]
        inputs = [inner, *inputs[2:]]
    if not inputs:
        return node
    made = with_inputs(node, tuple(inputs))
    turned = TURNED.get(node.name)
    return turned(made) if turned is not None and chance.random() < 0.5 else made


def negative(node: Node) -> Node:
    return OPERATORS["neg"](node)  # type: ignore[call-arg]


# Other ways to say the same, exactly.
TURNED: dict[str, Callable[[Node], Node]] = {
    "lt": lambda node: OPERATORS["gt"](*reversed(inputs_of(node))),
    "ge": lambda node: OPERATORS["not_"](OPERATORS["lt"](*inputs_of(node))),  # type: ignore[call-arg]
    "neg": lambda node: negative(negative(node)),
    "mul": lambda node: negative(
        with_inputs(node, (negative(inputs_of(node)[0]), *inputs_of(node)[1:]))
    ),
    "div": lambda node: negative(
        with_inputs(node, (negative(inputs_of(node)[0]), inputs_of(node)[1]))
    ),
    "abs": lambda node: OPERATORS["abs"](negative(node)),  # type: ignore[call-arg]
    "add": lambda node: negative(with_inputs(node, tuple(map(negative, inputs_of(node))))),
}


@given(st.sampled_from(["delay", "ts_mean", "rank", "abs", "neg"]), st.data())
@tries(40)
def test_exact_formulas_keep_every_bit_in_canonical_form(name: str, data: st.DataObject) -> None:
    node = data.draw(calls(name, 1))
    assume(not any(item.name in {"add", "mul"} for item in walk(node)))
    settled = canonicalize(node, OPERATORS)
    assert_same(values(node), values(settled))


def walk(node: Node) -> list[Node]:
    return [node, *(part for item in inputs_of(node) for part in walk(item))]


def test_a_shared_canonicalizer_gives_what_a_fresh_one_gives() -> None:
    shared = Canonicalizer(OPERATORS)
    add = OPERATORS["add"]
    close, open_ = Field("close"), Field("open")
    for terms in ((close, open_), (open_, close), (open_, Constant(1.0), close)):
        node = add(terms)  # type: ignore[call-arg]
        assert shared.settle(node) == canonicalize(node, OPERATORS)


@given(truths(2) | numbers(2))
@tries(100)
def test_no_constant_of_a_canonical_form_is_unreadable(formula: Node) -> None:
    for node in walk(canonicalize(formula, OPERATORS)):
        if isinstance(node, Constant):
            assert math.isfinite(node.value)
            assert math.copysign(1.0, node.value) > 0 or node.value != 0
