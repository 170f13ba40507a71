"""D4: what a formula costs is known before it runs, from its operators and their windows."""

import pytest

from alphaforge.dsl import compile_text
from alphaforge.dsl.cost import Cost
from alphaforge.tests.trees import CATALOGUE


def cost(text: str) -> Cost:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.is_ok, compilation.diagnostics
    return compilation.cost


@pytest.mark.parametrize("operator", ["ts_rank", "ts_mad", "ts_median"])
def test_D4_what_reads_its_window_again_costs_by_the_window(operator: str) -> None:
    short, long = cost(f"{operator}(close, 24)"), cost(f"{operator}(close, 2400)")
    assert 15 < long.units / short.units < 100


def test_D4_what_runs_along_costs_the_same_for_any_window() -> None:
    assert cost("ts_mean(close, 24)").units == cost("ts_mean(close, 2400)").units


def test_D4_what_sorts_the_instruments_costs_by_their_number() -> None:
    found = cost("rank(close)")
    assert found.units_for(1000) > 1.5 * found.units_for(20)
    assert cost("abs(returns)").across == 0


def test_D4_a_part_that_is_used_twice_is_counted_once() -> None:
    once, twice = (
        cost("ts_rank(volume, 500)"),
        cost("ts_rank(volume, 500) ^ 2 + ts_rank(volume, 500)"),
    )
    assert twice.units < 1.2 * once.units


def test_D4_memory_is_that_of_the_matrices_that_wait() -> None:
    chain = cost("abs(ts_mean(abs(ts_mean(abs(close - open), 2)), 3))")
    assert chain.live == 3
    wide = cost("max(abs(close), abs(open), abs(high), abs(low))")
    assert wide.live >= 5


def test_D4_factors_and_the_ranking_of_the_universe_cost_too() -> None:
    bare = cost("strategy s {\n  signal returns\n}")
    whole = cost(
        "strategy s {\n  universe top 5 by ts_median(volume, 900)\n"
        "  factor slow = ts_mad(close, 900) / close\n  signal returns\n}"
    )
    assert whole.units > 50 * bare.units


def test_D4_the_total_is_rows_times_columns() -> None:
    found = cost("ts_mean(close, 24) / close")
    assert found.total(1000, 100) == pytest.approx(found.units * 100_000)
    assert cost("close").total(10, 10) > 0
