"""Sharpe statistics against the printed examples of their papers, and their edge rules."""

import math
import subprocess
import sys
from statistics import NormalDist, mean, pstdev

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.engine.statistics import (
    deflated_sharpe,
    expected_max_sharpe,
    luck_of,
    per_bar,
    probabilistic_sharpe,
    sharpe_standard_error,
    track_record_bars_min,
    trial_variance,
)

# Bailey and Lopez de Prado (2014), "The Deflated Sharpe Ratio", section "A numerical example":
# 5 years of daily returns (T = 1250, 250 a year), annual Sharpe 2.5, variance of the trials'
# annual Sharpe ratios 1/2, skewness -3, kurtosis 10.
SHARPE = 2.5 / math.sqrt(250)
VARIANCE = 0.5 / 250


def deflated(trials: int, *, skew: float = -3.0, kurtosis: float = 10.0) -> float:
    found = deflated_sharpe(
        SHARPE,
        observations=1250,
        skew=skew,
        kurtosis=kurtosis,
        trials=trials,
        variance_of_trials=VARIANCE,
    )
    assert found is not None
    return found


def test_the_deflated_sharpe_papers_example_comes_out_as_printed() -> None:
    assert round(expected_max_sharpe(100, VARIANCE), 4) == 0.1132
    assert round(deflated(100), 4) == 0.9004
    # "after running only N=46 independent trials": 0.9505; with normal returns N=88 gives the same.
    assert round(deflated(46), 4) == 0.9505
    assert round(deflated(88, skew=0.0, kurtosis=3.0), 4) == 0.9505


def test_the_sharpe_efficient_frontier_papers_example_comes_out_as_printed() -> None:
    # Bailey and Lopez de Prado (2012): 24 monthly returns, Sharpe 0.458, skew -2.448,
    # kurtosis 10.164: PSR(0) is 0.913, and 0.982 when the returns are taken for normal.
    fat = probabilistic_sharpe(0.458, observations=24, skew=-2.448, kurtosis=10.164)
    normal = probabilistic_sharpe(0.458, observations=24, skew=0.0, kurtosis=3.0)
    assert fat is not None
    assert normal is not None
    assert (round(fat, 3), round(normal, 3)) == (0.913, 0.982)


def test_more_trials_never_make_a_result_more_believable() -> None:
    values = [deflated(trials) for trials in (1, 2, 3, 5, 10, 100, 10_000)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]


def test_one_trial_is_no_selection() -> None:
    assert expected_max_sharpe(1, 0.3) == 0.0
    assert deflated(1) == probabilistic_sharpe(SHARPE, observations=1250, skew=-3, kurtosis=10)


def test_trials_that_all_agree_raise_no_bar() -> None:
    assert expected_max_sharpe(1000, 0.0) == 0.0


@pytest.mark.parametrize("trials", [10, 50, 400])
def test_the_expected_maximum_is_near_that_of_drawn_normals(trials: int) -> None:
    draws = np.random.default_rng(7).normal(0.0, 0.3, (20_000, trials)).max(axis=1).mean()
    assert expected_max_sharpe(trials, 0.09) == pytest.approx(draws, rel=0.03)


def test_the_standard_error_is_that_of_drawn_sharpe_ratios() -> None:
    draws = np.random.default_rng(3).normal(0.05, 1.0, (4000, 500))
    ratios = draws.mean(axis=1) / draws.std(axis=1, ddof=1)
    error = sharpe_standard_error(0.05, observations=500, skew=0.0, kurtosis=3.0)
    assert error == pytest.approx(pstdev(ratios.tolist()), rel=0.05)
    assert mean(ratios.tolist()) == pytest.approx(0.05, abs=0.003)


def test_a_track_record_of_the_least_length_reaches_its_level_exactly() -> None:
    bars = track_record_bars_min(0.1, skew=-0.5, kurtosis=5.0, benchmark=0.02, level=0.95)
    assert bars is not None
    error = math.sqrt((1 + 0.5 * 0.1 + (5.0 - 1) / 4 * 0.01) / (bars - 1))
    assert NormalDist().cdf((0.1 - 0.02) / error) == pytest.approx(0.95, abs=1e-12)
    assert track_record_bars_min(0.02, skew=0.0, kurtosis=3.0, benchmark=0.02) is None


def test_too_little_to_go_by_is_no_number() -> None:
    assert sharpe_standard_error(1.0, observations=1, skew=0.0, kurtosis=3.0) is None
    assert probabilistic_sharpe(1.0, observations=0, skew=0.0, kurtosis=3.0) is None
    # A skew of 3 asks for a kurtosis of at least 10: moments that cannot be give no error.
    assert sharpe_standard_error(1.0, observations=10, skew=3.0, kurtosis=1.0) is None


@pytest.mark.parametrize(("trials", "variance"), [(0, 0.1), (-3, 0.1), (5, -0.1), (5, math.nan)])
def test_counts_and_variances_that_cannot_be_are_refused(trials: int, variance: float) -> None:
    with pytest.raises(InvalidInputError, match="cannot be"):
        expected_max_sharpe(trials, variance)


def test_the_variance_of_trials_is_never_below_that_of_pure_luck() -> None:
    assert trial_variance([], observations=101) == 0.01
    assert trial_variance([0.3], observations=101) == 0.01
    assert trial_variance([0.3, None, 0.3, math.nan], observations=101) == 0.01
    assert trial_variance([-1.0, 1.0, None], observations=101) == 2.0


METRICS = {"sharpe": 2.5, "skew": -3.0, "kurtosis": 10.0, "bars": 1250.0}
DAY = 86_400


def test_a_run_is_judged_by_the_annual_ratios_of_its_trials() -> None:
    # Half the variance 1/2 on each side of zero: the sample variance of these two is 0.5.
    trials = [0.5, -0.5, None]
    luck = luck_of(METRICS, bar_seconds=DAY, trials=100, trial_sharpes=trials)
    year = math.sqrt(365)
    assert luck.expected_max_sharpe == pytest.approx(year * expected_max_sharpe(100, 0.5 / 365))
    ours = {"skew": -3.0, "kurtosis": 10.0}
    assert luck.probabilistic_sharpe == probabilistic_sharpe(2.5 / year, observations=1250, **ours)
    assert luck.deflated_sharpe == deflated_sharpe(
        2.5 / year, observations=1250, **ours, trials=100, variance_of_trials=0.5 / 365
    )
    assert not luck.is_believed
    assert "not distinguishable from luck after 100 trials" in luck.verdict
    assert f"up to {luck.expected_max_sharpe:.2f}" in luck.verdict


def test_the_same_result_is_believed_after_one_trial_and_not_after_many() -> None:
    alone = luck_of(METRICS, bar_seconds=DAY, trials=1)
    assert alone.is_believed
    assert alone.verdict.startswith("stands out from the luck of 1 trial ")
    assert alone.deflated_sharpe == alone.probabilistic_sharpe
    among = luck_of(METRICS, bar_seconds=DAY, trials=1000)
    assert among.deflated_sharpe is not None
    assert 0.5 < among.deflated_sharpe < 0.95
    assert not among.is_believed


def test_a_run_without_a_sharpe_ratio_is_not_judged() -> None:
    for lacking in ("sharpe", "skew", "kurtosis"):
        luck = luck_of({**METRICS, lacking: None}, bar_seconds=DAY, trials=3)
        assert luck.deflated_sharpe is None
        assert not luck.is_believed
        assert "nothing to judge" in luck.verdict


def test_an_annual_ratio_becomes_one_a_bar() -> None:
    assert per_bar(math.sqrt(8760), 3600) == 1.0
    assert per_bar(math.sqrt(365), 86_400) == 1.0


def test_statistics_load_without_any_heavy_library() -> None:
    code = (
        "import sys, alphaforge.engine.statistics;"
        "print([m for m in ('numpy', 'numba', 'polars', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
