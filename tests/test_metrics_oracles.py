"""Metrics beside alphalens, empyrical, quantstats and statsmodels: equal, or related as stated."""

import math
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from alphaforge.core.panel import Panel
from alphaforge.engine.drawdowns import falls_of
from alphaforge.engine.facts import Facts
from alphaforge.engine.information import Information, information
from alphaforge.engine.measure import measure
from alphaforge.engine.newey_west import lags_of, mean_and_error
from alphaforge.tests.test_metrics_definitions import FACTS, HOUR, YEAR, with_returns

with warnings.catch_warnings():
    # Old corners of the oracles' own dependencies warn as they are imported.
    warnings.simplefilter("ignore")
    alphalens: Any = import_module("alphalens")
    empyrical: Any = import_module("empyrical")
    quantstats: Any = import_module("quantstats")
    sm: Any = import_module("statsmodels.api")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
Floats = NDArray[np.float64]
NEAR = 1e-9


def shaped(kind: str, seed: int = 7, rows: int = 400) -> Floats:
    """Make returns: plain noise, or with fat tails, spells of volatility and flat bars."""
    rng = np.random.default_rng(seed)
    if kind == "random":
        return rng.normal(0.0003, 0.01, rows)
    calm = np.exp(np.cumsum(rng.normal(0, 0.1, rows)) * 0.5)
    found = rng.standard_t(3, rows) * 0.002 * np.clip(calm, 0.3, 5.0) + 0.0002
    found[rng.random(rows) < 0.1] = 0.0
    return np.asarray(np.clip(found, -0.3, 0.3))


def asked(kind: str) -> tuple[dict[str, float], pd.Series, pd.Series]:
    """Return the metrics, and returns and benchmark with the index that the oracles want."""
    returns, benchmark = shaped(kind), 0.5 * shaped(kind) + shaped(kind, seed=8)
    found = measure(Facts(with_returns(returns.tolist()), FACTS.information, benchmark=benchmark))
    index = pd.date_range("1970-01-01", periods=len(returns), freq="h")
    known = {name: math.nan if value is None else value for name, value in found.items()}
    return known, pd.Series(returns, index), pd.Series(benchmark, index)


KINDS = ("random", "real")


@pytest.mark.parametrize("kind", KINDS)
def test_ratios_of_returns_equal_empyrical(kind: str) -> None:
    found, returns, benchmark = asked(kind)
    expected = {
        "sharpe": empyrical.sharpe_ratio(returns, annualization=YEAR),
        "sortino": empyrical.sortino_ratio(returns, annualization=YEAR),
        "calmar": empyrical.calmar_ratio(returns, annualization=YEAR),
        "annual_return": empyrical.annual_return(returns, annualization=YEAR),
        "annual_volatility": empyrical.annual_volatility(returns, annualization=YEAR),
        "total_return": empyrical.cum_returns_final(returns),
        "omega": empyrical.omega_ratio(returns, annualization=YEAR),
        "tail_ratio": empyrical.tail_ratio(returns),
        "beta": empyrical.beta(returns, benchmark),
        # Losses are positive here, and empyrical's are negative.
        "max_drawdown": -empyrical.max_drawdown(returns),
        "var_95": -empyrical.value_at_risk(returns),
        "cvar_95": -empyrical.conditional_value_at_risk(returns),
        # A mean that is annualised by the root of the year; empyrical's is of a bar.
        "information_ratio": empyrical.excess_sharpe(returns, benchmark) * math.sqrt(YEAR),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(float(value), rel=NEAR), name
    # empyrical compounds alpha over the year, we add it up.
    bar = found["alpha_annual"] / YEAR
    compounded = empyrical.alpha(returns, benchmark, annualization=YEAR)
    assert (1 + bar) ** YEAR - 1 == pytest.approx(compounded, rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_capture_is_empyrical_s_before_it_is_annualised(kind: str) -> None:
    found, returns, benchmark = asked(kind)
    for name, rows in (("up_capture", benchmark > 0), ("down_capture", benchmark < 0)):
        # With one bar a year, an annual return is the geometric mean of a bar.
        book = empyrical.annual_return(returns[rows], annualization=1)
        other = empyrical.annual_return(benchmark[rows], annualization=1)
        assert found[name] == pytest.approx(book / other, rel=NEAR), name


@pytest.mark.parametrize("kind", KINDS)
def test_ratios_of_returns_equal_quantstats(kind: str) -> None:
    found, returns, benchmark = asked(kind)
    stats = quantstats.stats
    greeks = stats.greeks(returns, benchmark, periods=YEAR, prepare_returns=False)
    expected = {
        "sharpe": stats.sharpe(returns, periods=YEAR),
        "sortino": stats.sortino(returns, periods=YEAR),
        "annual_return": stats.cagr(returns, periods=YEAR),
        "annual_volatility": stats.volatility(returns, periods=YEAR),
        "max_drawdown": -stats.max_drawdown(returns),
        "calmar": stats.calmar(returns, periods=YEAR),
        "omega": stats.omega(returns, periods=YEAR),
        "tail_ratio": stats.tail_ratio(returns),
        "gain_to_pain": stats.gain_to_pain_ratio(returns),
        "hit_rate": stats.win_rate(returns),
        "beta": greeks["beta"],
        "alpha_annual": greeks["alpha"],
        "correlation_benchmark": returns.corr(benchmark),
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(float(value), rel=NEAR), name
    # quantstats divides the squares by n - 1, though no mean is taken off them.
    bars = len(returns)
    theirs = stats.ulcer_index(returns) * math.sqrt((bars - 1) / bars)
    assert found["ulcer_index"] == pytest.approx(theirs, rel=NEAR)
    # Its value at risk is that of a normal law, ours that of the returns.
    normal = returns.mean() + returns.std() * -1.6448536269514729
    assert stats.value_at_risk(returns) == pytest.approx(normal, rel=NEAR)


@pytest.mark.parametrize("kind", KINDS)
def test_drawdown_days_are_those_of_a_walk_over_the_bars(kind: str) -> None:
    found, returns, _ = asked(kind)
    equity = np.concatenate(([1.0], np.cumprod(1 + returns.to_numpy())))
    longest = length = 0
    for row in range(1, len(equity)):
        length = length + 1 if equity[row] < equity[: row + 1].max() else 0
        longest = max(longest, length)
    assert found["drawdown_days_max"] == pytest.approx(longest / 24)
    assert falls_of(equity[1:], 1.0).max() == found["max_drawdown"]


@pytest.mark.parametrize("count", [5, 40, 137, 1000])
def test_the_error_of_a_mean_equals_statsmodels_newey_west(count: int) -> None:
    noise = np.random.default_rng(count).normal(0.02, 0.2, count + 3)
    values = noise[3:] + 0.6 * noise[2:-1] + 0.3 * noise[1:-2]
    settings = {"maxlags": lags_of(count), "use_correction": True}
    fit = sm.OLS(values, np.ones(count)).fit(cov_type="HAC", cov_kwds=settings)
    mean, error = mean_and_error(values)
    assert mean == pytest.approx(float(fit.params[0]), rel=NEAR)
    assert error == pytest.approx(float(fit.bse[0]), rel=NEAR)


def known_signal(names: int) -> tuple[Information, pd.DataFrame]:
    """Measure a signal each bar, and hand alphalens the same factor and outcomes."""
    rng = np.random.default_rng(3)
    rows = 60
    opens = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, (rows + 2, names)), axis=0))
    noise = rng.normal(size=(rows + 2, names))
    signal = noise + 0.5 * np.vstack([np.zeros((1, names)), noise[:-1]])
    index = pd.date_range("1970-01-01", periods=rows + 2, freq="h")
    panel = Panel(
        dataset="t",
        snapshot="s",
        bar_seconds=HOUR,
        times=np.arange(rows + 2, dtype=np.int64) * HOUR,
        symbols=tuple(f"N{place:02d}" for place in range(names)),
        fields={"open": opens, "close": opens},
    )
    found = information(signal, panel, np.arange(rows), delay_bars=1, horizon_bars=1)
    # A decision's outcome begins at the next open: to alphalens that is the price of its own bar.
    traded = pd.DataFrame(opens, index, columns=list(panel.symbols)).shift(-1).dropna()
    factor = pd.DataFrame(signal[:rows], index[:rows], columns=list(panel.symbols)).stack()  # noqa: PD013
    factor.index.names = ["date", "asset"]
    data = alphalens.utils.get_clean_factor_and_forward_returns(
        factor, traded, quantiles=5, periods=(1,), filter_zscore=None, max_loss=1.0
    )
    return found, data


def test_information_equals_alphalens() -> None:
    found, data = known_signal(20)
    ic = alphalens.performance.factor_information_coefficient(data).iloc[:, 0]
    np.testing.assert_allclose(found.rank_ic[: len(ic)], ic, rtol=0, atol=NEAR)
    means, _ = alphalens.performance.mean_return_by_quantile(data, demeaned=False)
    np.testing.assert_allclose(found.quantile_returns, means.iloc[:, 0], rtol=0, atol=NEAR)
    for lag in (1, 2, 5):
        theirs = alphalens.performance.factor_rank_autocorrelation(data, lag).mean()
        assert found.autocorrelation[lag] == pytest.approx(theirs, rel=NEAR), lag
    for fifth in range(5):
        theirs = alphalens.performance.quantile_turnover(data["factor_quantile"], fifth + 1).mean()
        assert found.quantile_turnover[fifth] == pytest.approx(theirs, rel=NEAR), fifth


def test_fifths_of_names_that_five_does_not_divide_mirror_where_alphalens_do_not() -> None:
    found, data = known_signal(6)
    sizes = data.groupby(["date", "factor_quantile"]).size().groupby("factor_quantile").mean()
    # alphalens cuts at interpolated percentiles, closed above: the lowest fifth gets the spare one.
    assert sizes.tolist() == [2, 1, 1, 1, 1]
    assert found.quantile_by_decision.shape == (60, 5)
    mean = found.quantile_by_decision[0]
    first = data.xs(data.index[0][0], level="date").sort_values("factor")["1h"]
    np.testing.assert_allclose(mean[[0, 1, 3, 4]], first.iloc[[0, 1, 4, 5]], atol=NEAR)
    assert mean[2] == pytest.approx(first.iloc[2:4].mean(), abs=NEAR)
