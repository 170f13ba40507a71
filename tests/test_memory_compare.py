"""Compare says which is best, how much of it is luck, and where they differ."""

import math
from dataclasses import replace

import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.memory.compare import Returns, compare, correlation_of
from alphaforge.memory.experiment import Experiment
from alphaforge.memory.trials import TrialCount
from alphaforge.tests.memory_world import tried

HOURLY_VARIANCE = 0.5**2 / (365 * 24)
FEW = {"perps": TrialCount(2, 2, HOURLY_VARIANCE)}
MANY = {"perps": TrialCount(5_000, 5_000, HOURLY_VARIANCE)}
TIMES = tuple(range(0, 360_000, 3_600))


def wave(phase: float, scale: float = 1.0) -> Returns:
    return Returns(TIMES, tuple(scale * math.sin(n / 5 + phase) for n in range(len(TIMES))))


def run(text: str, sharpe: float | None, name: str = "") -> Experiment:
    return replace(tried(text, sharpe, metrics={"bars": 8_760.0}), name=name)


A = run("rank(returns(close, 24))", 3.0, "momentum")
B = run("rank(returns(close, 48))", 0.4, "slow")
FAILED = tried("rank(open)", None, state="failed")


def test_the_best_is_the_one_that_luck_explains_least() -> None:
    found = compare([B, A, FAILED], counts=FEW, returns={})
    assert found.best == A.id
    assert found.verdict.startswith(f"best is momentum `{A.id}`: stands out from the luck")
    assert found.metrics["sharpe"] == (0.4, 3.0, None)
    assert found.deflated[2] is None


def test_after_many_trials_the_best_is_not_believed() -> None:
    found = compare([A, B], counts=MANY, returns={})
    assert found.best == A.id
    assert "not distinguishable from luck after 5000 trials" in found.verdict


def test_runs_without_a_sharpe_ratio_are_not_judged() -> None:
    found = compare([FAILED], counts=FEW, returns={})
    assert found.best == ""
    assert "nothing to judge" in found.verdict


def test_returns_are_correlated_over_common_bars() -> None:
    series = {A.id: wave(0.0), B.id: wave(0.0, 3.0)}
    found = compare([A, B, FAILED], counts=FEW, returns=series)
    assert found.correlation[0][:2] == pytest.approx((1.0, 1.0))
    assert found.correlation[0][2] is None
    assert "are one bet (returns correlate at 1.00)" in found.verdict
    apart = compare([A, B], counts=FEW, returns={A.id: wave(0.0), B.id: wave(math.pi / 2)})
    assert "one bet" not in apart.verdict


def test_correlation_knows_what_it_cannot_know() -> None:
    upside_down = Returns(TIMES, tuple(-value for value in wave(0.0).values))
    later = Returns(tuple(time + 36_000 for time in TIMES), wave(2.0).values)
    assert correlation_of(wave(0.0), upside_down) == pytest.approx(-1.0)
    # Shifted by ten bars, the same wave is the same at the same instants.
    assert correlation_of(wave(0.0), later) == pytest.approx(1.0, abs=1e-6)
    assert correlation_of(wave(0.0), Returns(TIMES, (0.0,) * len(TIMES))) is None
    assert correlation_of(wave(0.0), Returns(TIMES[:10], (1.0,) * 10)) is None
    holes = Returns(TIMES, (math.nan, *wave(0.0).values[1:]))
    assert correlation_of(wave(0.0), holes) == pytest.approx(1.0)


def test_differences_are_those_of_text_settings_and_data() -> None:
    base = "strategy s {{\n data perps bar 1h\n signal rank(close)\n rebalance every {}\n}}"
    one, other = run(base.format("8h"), 1.0), run(base.format("24h"), 1.0)
    elsewhere = replace(other, snapshot="snap_2", window="2025-01-01..2025-02-01")
    found = compare([one, elsewhere], counts=FEW, returns={})
    told = {item.what: item.values for item in found.differences}
    assert told["rebalance_bars"] == ("8", "24")
    assert told["snapshot"] == ("snap_1", "snap_2")
    assert "canonical" not in told
    assert "portfolio.rule" not in told
    assert "- rebalance every 8h" in found.text_changes
    assert "+ rebalance every 24h" in found.text_changes
    assert "different data" in found.verdict


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="0 experiments"):
        compare([], counts=FEW, returns={})
    with pytest.raises(InvalidInputError, match="is named twice"):
        compare([A, A], counts=FEW, returns={})
