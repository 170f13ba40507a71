"""What operators say of signs, scales, orders and lags, tried on kernels, bit for bit."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

import numpy as np
import pytest

from alphaforge.dsl.laws import NO_LAWS
from alphaforge.dsl.nodes import Axis, Field, Node, Parameter, signature
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import (
    BARS,
    INPUTS,
    Matrix,
    operators,
    panel_of,
    sample,
    signed_of,
    walk_of,
)

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
LAG, ROWS = 3, 90
FACTOR = 8.0
OPERATORS = operators()
STATED = sorted(name for name, cls in OPERATORS.items() if cls.laws != NO_LAWS)


def matrices() -> dict[str, Matrix]:
    """Return prices with gaps and ties, rates of both signs, and rounded ones with many ties."""
    found = {name: (walk_of, signed_of)[at % 2](at, 1.0)[:ROWS] for at, name in enumerate(INPUTS)}
    found["y"] = np.round(found["y"], 1)
    found["group"] = np.floor(np.abs(np.nan_to_num(signed_of(9, 1.0)[:ROWS])) * 3)
    return {name: np.ascontiguousarray(values) for name, values in found.items()}


BASE = matrices()


def values(node: Node, over: dict[str, Matrix] | None = None) -> Matrix:
    return EVALUATOR.evaluate([node], panel_of({**BASE, **(over or {})}))[0]


def nodes(name: str) -> Iterator[Node]:
    """Make an operator at a short and a longer window, over inputs of each kind in turn."""
    cls = OPERATORS[name]
    for bars in BARS[:2]:
        node = sample(cls, bars)
        yield node
        yield over_others(node)


def over_others(node: Node) -> Node:
    """Return the node over other fields, so that each input is a price here and a rate there."""
    turned = dict(zip(INPUTS, (*INPUTS[1:], INPUTS[0]), strict=True))

    def other(field: Node) -> Node:
        return Field(turned.get(field.field, field.field)) if isinstance(field, Field) else field

    return node.with_children(tuple(other(item) for item in node.children()))


def field_of(node: Node, name: str) -> str:
    value = getattr(node, name)
    first = value[0] if isinstance(value, tuple) else value
    assert isinstance(first, Field)
    return first.field


def times(node: Node, name: str, factor: float) -> Matrix:
    field = field_of(node, name)
    return values(node, {field: factor * BASE[field]})


def same(left: Matrix, right: Matrix) -> None:
    np.testing.assert_array_equal(left, right + 0.0)


LAWS: dict[str, tuple[float, Callable[[Matrix], Matrix]]] = {
    "odd": (-1.0, lambda plain: -plain),
    "even": (-1.0, lambda plain: plain),
    "scale_free": (FACTOR, lambda plain: plain),
    "scaled": (FACTOR, lambda plain: FACTOR * plain),
}


@pytest.mark.parametrize("name", STATED)
def test_signs_and_powers_of_two_do_what_is_stated(name: str) -> None:
    for node in nodes(name):
        for law, (factor, expected) in LAWS.items():
            for argument in getattr(type(node).laws, law):
                same(times(node, argument, factor), expected(values(node)))


@pytest.mark.parametrize("name", [name for name in STATED if OPERATORS[name].laws.mirror])
def test_a_mirrored_operator_is_the_opposite_of_its_mirror(name: str) -> None:
    laws = OPERATORS[name].laws
    assert OPERATORS[laws.mirror].laws.mirror == name
    for node, other in zip(nodes(name), nodes(laws.mirror), strict=True):
        same(times(node, first_input(node), -1.0), -values(other))


@pytest.mark.parametrize("name", [name for name in STATED if OPERATORS[name].laws.swaps])
def test_a_swapped_operator_is_its_partner_of_the_opposite(name: str) -> None:
    laws = OPERATORS[name].laws
    assert OPERATORS[laws.swaps].laws.swaps == name
    for node, other in zip(nodes(name), nodes(laws.swaps), strict=True):
        same(times(node, first_input(node), -1.0), values(other))


def first_input(node: Node) -> str:
    return next(
        name
        for name, (parameter, _) in signature(type(node)).items()
        if parameter in {Parameter.NODE, Parameter.NODES}
    )


def steps(result: Matrix) -> Matrix:
    """Return the sign of each pair of instruments at each bar."""
    return np.sign(result[:, :, None] - result[:, None, :])


@pytest.mark.parametrize("name", [name for name in STATED if OPERATORS[name].laws.keeps_order])
def test_what_keeps_the_order_turns_no_pair(name: str) -> None:
    for node in nodes(name):
        before, after = steps(BASE[field_of(node, first_input(node))]), steps(values(node))
        both = np.isfinite(before) & np.isfinite(after)
        assert np.any(after[both] != 0)
        assert np.all(before[both] * after[both] >= 0)


@pytest.mark.parametrize("name", [name for name in STATED if OPERATORS[name].laws.turns])
def test_what_turns_turns_every_pair(name: str) -> None:
    for node in nodes(name):
        turned, plain = times(node, first_input(node), -1.0), values(node)
        if type(node).axis is Axis.CROSS and not type(node).group_inputs:
            np.testing.assert_array_equal(steps(turned), -steps(plain))
            continue
        # A rank in a window or group: both ways add up to 1 + 1 / count, a position to 1, a
        # middle to 0.
        excess = (turned + plain)[np.isfinite(plain)]
        excess = excess[np.abs(excess) > 1e-9] - 1.0
        excess = excess[np.abs(excess) > 1e-9]
        np.testing.assert_allclose(1.0 / excess, np.round(1.0 / excess), rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in STATED if OPERATORS[name].laws.once])
def test_what_is_once_changes_nothing_the_second_time(name: str) -> None:
    for node in nodes(name):
        (inner,) = node.children()
        twice = node.with_children((node.with_children((inner,)),))
        same(values(twice), values(node))


@pytest.mark.parametrize("name", [name for name in STATED if OPERATORS[name].laws.plain_at_one_bar])
def test_a_window_of_one_bar_is_the_value(name: str) -> None:
    for node in nodes(name):
        field = field_of(node, first_input(node))
        for periods in (0, 1) if "min_periods" in signature(type(node)) else (None,):
            changes = {"bars": 1} if periods is None else {"bars": 1, "min_periods": periods}
            same(values(replace(node, **changes)), BASE[field])  # type: ignore[type-var]


def moves_with_its_input() -> list[str]:
    """Return what a common lag is taken out of: by statement, or because it works cell by cell."""
    return sorted(
        name
        for name, cls in OPERATORS.items()
        if cls.laws.lags_through
        or (cls.axis is Axis.ELEMENT and not cls.laws.answers_missing and not cls.carries_state)
    )


@pytest.mark.parametrize("name", moves_with_its_input())
def test_a_common_lag_comes_out(name: str) -> None:
    late = {field: shifted(of) for field, of in BASE.items()}
    for node in nodes(name):
        same(values(node, late), shifted(values(node)))


def shifted(of: Matrix) -> Matrix:
    return np.vstack([np.full((LAG, of.shape[1]), np.nan), of[:-LAG]])


@pytest.mark.parametrize("name", moves_with_its_input())
def test_what_a_lag_comes_out_of_is_missing_without_inputs(name: str) -> None:
    nothing = {field: np.full_like(of, np.nan) for field, of in BASE.items()}
    for node in nodes(name):
        assert not np.isfinite(values(node, nothing)).any()


@pytest.mark.parametrize("name", STATED)
def test_laws_name_inputs_there_are(name: str) -> None:
    cls = OPERATORS[name]
    for field in fields(cls.laws):
        stated = getattr(cls.laws, field.name)
        if isinstance(stated, frozenset):
            assert stated <= set(signature(cls))
        elif field.name in {"mirror", "swaps"} and stated:
            assert stated in OPERATORS
