"""Units: what a part of a formula is measured in, and when the compiler warns."""

import pytest

from alphaforge.dsl import compile_text
from alphaforge.dsl.rules import (
    PRICE,
    PURE,
    QUOTE,
    RATE,
    TIME,
    Unit,
    product,
    quotient,
    root,
    square,
)
from alphaforge.tests.trees import CATALOGUE

MIXED = "AF301"


def codes(text: str) -> set[str]:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.is_ok, compilation.diagnostics
    return {item.code for item in compilation.diagnostics}


@pytest.mark.parametrize(
    "text",
    [
        "funding_rate + returns(close)",
        "funding_rate > basis",
        "ts_argmax(close, 24h) - rank(volume)",
        "bars_since_change(close) + funding_rate",
        "close + volume",
    ],
)
def test_values_of_different_units_are_warned_of(text: str) -> None:
    assert MIXED in codes(f"rank({text})")


@pytest.mark.parametrize(
    "text",
    [
        "funding_rate - 1bp",
        "funding_rate > 0.0001 ? 1 : 0",
        "ts_mean(funding_rate, 3d) - funding_rate",
        "ts_argmax(high, 24h) - ts_argmin(low, 24h)",
        "ts_argmax(close, 24h) / 24 - 0.5",
        "bars_since_change(close) > 3 ? 1 : 0",
        "basis + returns(close)",
    ],
)
def test_a_number_beside_a_rate_or_a_time_is_fine(text: str) -> None:
    assert MIXED not in codes(f"rank({text})")


def test_a_rate_times_a_time_is_a_pure_number() -> None:
    node = CATALOGUE.operators["neg"]  # The rules of units ask nothing of their node.
    assert product(node, (RATE, TIME)) == PURE  # type: ignore[arg-type]
    assert quotient(node, (QUOTE, PRICE)) == Unit(0, 1)  # type: ignore[arg-type]
    assert quotient(node, (PURE, TIME)) == RATE  # type: ignore[arg-type]
    assert root(node, (square(node, (TIME,)),)) == TIME  # type: ignore[arg-type]
    assert root(node, (TIME,)) is None  # type: ignore[arg-type]
