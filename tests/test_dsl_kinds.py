"""Kinds: panel, cross-section, scalar, yes or no, groups; and what the compiler says of them."""

from collections.abc import Callable

import numpy as np
import pytest

from alphaforge.dsl import compile_text
from alphaforge.dsl.assembly import assemble
from alphaforge.dsl.faults import Faults
from alphaforge.dsl.lexer import tokenize
from alphaforge.dsl.nodes import Field, Node
from alphaforge.dsl.reader import read
from alphaforge.dsl.rules import PURE, Kind
from alphaforge.dsl.values import Value, typed
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import (
    INPUTS,
    Matrix,
    operators,
    panel_of,
    sample,
    signed_of,
    walk_of,
    words_of,
)
from alphaforge.tests.trees import CATALOGUE

OPERATORS = operators()
MARKET = OPERATORS["market_mean"]
Make = Callable[[int, float], Matrix]
ALIKE = "AF306"
EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))


def codes(text: str) -> set[str]:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.is_ok, compilation.diagnostics
    return {item.code for item in compilation.diagnostics}


def kind_of(text: str) -> Kind:
    faults = Faults()
    parsed = read(tokenize(text, faults), text, faults)
    binder = assemble(parsed, CATALOGUE, 3600, faults).binder
    assert binder is not None
    assert parsed.expression is not None
    value = binder.value(parsed.expression)
    assert value is not None
    return value.kind


KINDS = [
    ("close", Kind.PANEL),
    ("market_mean(returns)", Kind.CROSS_SECTION),
    ("delay(market_mean(returns), 1) * 2 - 1", Kind.CROSS_SECTION),
    ("ts_zscore(market_mean(returns), 24)", Kind.CROSS_SECTION),
    ("rank(market_mean(returns))", Kind.CROSS_SECTION),
    ("returns - market_mean(returns)", Kind.PANEL),
    ("ts_beta(returns, market_mean(returns), 24)", Kind.PANEL),
    ("returns > 0 ? market_mean(returns) : market_mean(volume)", Kind.PANEL),
    ("neutralize(market_mean(returns), sector)", Kind.PANEL),
    # What is missing for one name alone may give it an answer of its own.
    ("fill(market_mean(returns), 0)", Kind.PANEL),
    ("ts_mean(market_mean(returns), 24, min_periods=2)", Kind.PANEL),
    ("ema(market_mean(returns), 24)", Kind.PANEL),
    ("market_mean(returns) > 0", Kind.BOOLEAN),
    ("2 + 3", Kind.SCALAR),
    ("bucket(returns, 3)", Kind.GROUP),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_every_formula_has_one_of_five_kinds(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("text", "is_alike"),
    [
        ("market_mean(returns)", True),
        ("rank(market_mean(returns))", True),
        ("returns + zscore(ts_mean(market_mean(returns), 24))", True),
        ("returns - market_mean(returns)", False),
        ("zscore(returns - market_mean(returns))", False),
        ("market_mean(returns) > 0 ? returns : -returns", False),
    ],
)
def test_comparing_by_what_all_share_is_warned_of(text: str, *, is_alike: bool) -> None:
    assert (ALIKE in codes(text)) is is_alike


def test_a_universe_that_is_ranked_by_what_all_share_is_warned_of() -> None:
    text = "strategy s { universe top 3 by market_mean(returns); signal returns }"
    assert codes(text) == {ALIKE}


def test_a_cross_section_has_the_unit_of_its_input() -> None:
    assert "AF301" in codes("rank(close - market_mean(volume))")


def over_cross_sections(cls: type[Node], word: str) -> Node | None:
    """Return a node over cross-sections alone; nothing for what takes groups."""
    node = sample(cls, 7, word=word)
    if cls.group_inputs:
        return None
    means = tuple(MARKET(x=Field(INPUTS[0])) for _ in node.children())  # type: ignore[call-arg]
    return node.with_children(means)


@pytest.mark.parametrize("make", [walk_of, signed_of], ids=["prices", "signed"])
def test_a_cross_section_is_one_number_a_bar_whatever_is_made_of_it(make: Make) -> None:
    panel = panel_of({INPUTS[0]: make(0, 1.0)})
    nodes = [
        node
        for cls in OPERATORS.values()
        for word in words_of(cls) or ("",)
        if (node := over_cross_sections(cls, word)) is not None
        and kind_from_cross_sections(node) is Kind.CROSS_SECTION
    ]
    assert len(nodes) > len(OPERATORS) / 2
    for node in nodes:
        (values,) = EVALUATOR.evaluate([node], panel)
        for row in values:
            assert len(set(row[np.isfinite(row)])) <= 1, node


def kind_from_cross_sections(node: Node) -> Kind:
    inputs = tuple(Value(item, Kind.CROSS_SECTION, PURE) for item in node.children())
    return typed(node, inputs).kind
