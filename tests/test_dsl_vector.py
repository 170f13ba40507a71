"""What the structure vector calls near, far and opposite."""

import json
import math
import subprocess
import sys

import pytest

from alphaforge.dsl import compile_text
from alphaforge.dsl.branches import branches, tree_from, tree_text
from alphaforge.dsl.rarity import rarity
from alphaforge.dsl.vector import DIMENSIONS, cosine, structure_vector
from alphaforge.memory.records import settings_of
from alphaforge.tests.memory_world import compiled
from alphaforge.tests.trees import CATALOGUE

TREND = "rank(ts_mean(close, 24) / close)"
BLEND = "rank(returns(close, 24)) + 0.5 * rank(funding_rate)"


def vector(text: str) -> tuple[float, ...]:
    strategy = compiled(text).require()
    return structure_vector(branches(strategy.signal), settings_of(strategy))


def near(one: str, other: str) -> float:
    return cosine(vector(one), vector(other))


@pytest.mark.parametrize(
    ("text", "flipped"),
    [
        (TREND, f"-{TREND}"),
        (TREND, "rank(-ts_mean(close, 24) / close)"),
        (TREND, "rank(ts_mean(-close, 24) / close)"),
        (TREND, "-1 * rank(ts_mean(close, 24) / close)"),
        ("close - open", "open - close"),
        ("2 * rank(close)", "-2 * rank(close)"),
        ("log(volume)", "-log(volume)"),
        ("ts_corr(close, volume, 24)", "ts_corr(-close, volume, 24)"),
        (BLEND, f"-({BLEND})"),
    ],
)
def test_a_formula_upside_down_is_its_exact_opposite(text: str, flipped: str) -> None:
    assert near(text, flipped) == pytest.approx(-1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("close + open", "open + close"),
        (TREND, "rank(--ts_mean(close, 24h) / close)"),
        ("abs(close - open)", "abs(open - close)"),
        ("rank(close) / rank(-open)", "-rank(close) / rank(open)"),
        ("ts_corr(close, volume, 24)", "ts_corr(volume, close, 24)"),
    ],
)
def test_equal_meaning_is_equal_structure(text: str, same: str) -> None:
    assert near(text, same) == pytest.approx(1.0, abs=1e-9)


def test_a_turned_term_is_not_the_same_blend() -> None:
    turned = "rank(returns(close, 24)) - 0.5 * rank(funding_rate)"
    assert near(BLEND, turned) < 0.3


def test_nearness_falls_with_the_size_of_the_edit() -> None:
    edits = [
        "rank(ts_mean(close, 25) / close)",
        "rank(ts_mean(close, 48) / close)",
        "rank(ts_mean(close, 240) / close)",
        "zscore(ts_mean(close, 24) / close)",
        "rank(ts_std(close, 24) / close)",
        "rank(ts_mean(funding_rate, 72))",
    ]
    found = [near(TREND, text) for text in edits]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.99
    assert found[2] > 0.85
    assert found[-1] < 0.4


UNRELATED = (
    TREND,
    "-ts_corr(rank(volume), rank(close), 24)",
    "zscore(ts_mean(funding_rate, 72))",
    "ts_std(returns(close), 168)",
    "volume / ts_max(volume, 240)",
)


@pytest.mark.parametrize("text", UNRELATED)
def test_unrelated_formulas_are_no_duplicates(text: str) -> None:
    others = [other for other in UNRELATED if other != text]
    assert max(abs(near(text, other)) for other in others) < 0.6


def test_other_settings_move_a_strategy_a_little() -> None:
    base = "strategy s {{ data perps bar 1h\n signal rank(close)\n rebalance every {} }}"
    moved = near(base.format("8h"), base.format("24h"))
    assert 0.9 < moved < 0.9999


def test_a_vector_has_length_one_and_an_empty_tree_none() -> None:
    assert math.fsum(cell**2 for cell in vector(TREND)) == pytest.approx(1.0)
    assert structure_vector(()) == (0.0,) * DIMENSIONS


def test_a_tree_read_back_gives_the_same_vector() -> None:
    signal = compiled(BLEND).require().signal
    text = tree_text(signal)
    assert "\n" not in text
    assert tree_from(text) == branches(signal)
    assert structure_vector(tree_from(text)) == structure_vector(branches(signal))


def test_a_deep_tree_meets_no_recursion_limit() -> None:
    deep = [["field:close", 0, {}, False], *([["neg", 1, {}, False], ["abs", 1, {}, False]] * 5000)]
    tree = tree_from(json.dumps(deep))
    assert len(tree) == 10_001
    assert any(structure_vector(tree))


def test_vectors_are_the_same_in_another_process() -> None:
    code = (
        "from alphaforge.tests.test_dsl_vector import TREND, vector\n"
        "import json; print(json.dumps(vector(TREND)))"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(
        command, check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "7"}
    )
    assert tuple(json.loads(said.stdout)) == vector(TREND)


def test_a_compilation_has_the_vector_of_its_signal() -> None:
    one, other = compiled(TREND), compiled(f"-{TREND}")
    assert cosine(one.vector, other.vector) == pytest.approx(-1.0)
    assert one.vector == structure_vector(branches(one.require().signal))
    assert compile_text("clse", CATALOGUE).vector == ()


def test_a_tree_kept_before_roles_were_is_still_read() -> None:
    old = '[["field:close",0,{},false],["rank",1,{},false]]'
    assert structure_vector(tree_from(old)) == pytest.approx(compiled("rank(close)").vector)


@pytest.mark.parametrize("rare", ["ts_skew", "group_rank", "field:funding_rate"])
def test_rare_words_weigh_more(rare: str) -> None:
    assert rarity("rank") < rarity("ts_std") < rarity(rare) == 1.0
