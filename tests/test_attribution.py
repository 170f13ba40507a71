"""Attribution: parts that sum to the whole, against a regression and a walk told another way."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.engine.attribution import attribute, fitted_weights, standardised
from alphaforge.engine.facts import Facts, market_of
from alphaforge.engine.grid import decision_rows
from alphaforge.engine.positions import changes_of
from alphaforge.engine.stretches import stretches_of
from alphaforge.tests.test_metrics_definitions import PANEL, SIGNAL, facts_of

ROWS = decision_rows(PANEL, rebalance_bars=8, delay_bars=1, start_row=0)
MARKET = market_of(PANEL, 0)
Matrix = NDArray[np.float64]


def weights_of(signal: Matrix) -> Matrix:
    known = np.nan_to_num(signal[ROWS])
    total = np.abs(known).sum(axis=1, keepdims=True)
    weights: Matrix = known / np.where(total > 0, total, 1.0)
    return weights


def book() -> Facts:
    return facts_of(PANEL, SIGNAL, capital=1000.0)


def test_all_parts_sum_to_what_the_book_gained() -> None:
    facts = book()
    done = facts.simulation
    other = np.random.default_rng(9).normal(size=(len(ROWS), PANEL.shape[1]))
    factors = {"own": SIGNAL[ROWS], "other": other}
    found = attribute(facts, MARKET, factors, weights=weights_of(SIGNAL), traded_rows=ROWS + 1)
    gained = float(done.price_pnl.sum())
    impact = done.impact.sum()
    paid = [done.funding.sum(), done.fees.sum(), done.slippage.sum() - impact, impact]
    for parts in (found.by_symbol, found.by_side):
        assert parts.sum(axis=1) == pytest.approx([gained, *paid], rel=1e-9)
        net = parts[0].sum() - parts[1:].sum()
        assert net == pytest.approx(done.equity[-1] - done.capital, rel=1e-9)
    assert found.factors == ("own", "other")
    assert float(found.by_factor.sum()) + found.residual == pytest.approx(gained, rel=1e-12)


def test_weights_are_shared_as_a_regression_of_each_decision_shares_them() -> None:
    rng = np.random.default_rng(2)
    weights, one, other = rng.normal(size=(3, 20, 8))
    one[rng.random(one.shape) < 0.2] = np.nan
    fitted = fitted_weights(weights, [one, other])
    for row in range(20):
        names = np.isfinite(one[row])
        scores = np.stack([values[row, names] for values in (one, other)], axis=1)
        scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
        loads, *_ = np.linalg.lstsq(scores, weights[row, names], rcond=None)
        np.testing.assert_allclose(fitted[:, row, names], (scores * loads).T, atol=1e-12)
        assert not fitted[:, row, ~names].any()


def test_a_book_that_is_its_factor_owes_it_all_but_the_drift() -> None:
    # Prices move at once, between bars: weights do not drift within a period of one rebalance.
    rng = np.random.default_rng(4)
    steps = np.exp(rng.normal(0, 0.01, (PANEL.shape[0] // 8, PANEL.shape[1])).cumsum(axis=0))
    opens = np.repeat(steps, 8, axis=0)
    panel = replace(PANEL, fields={"open": opens, "close": opens})
    signal = np.where(np.isfinite(PANEL.fields["open"]), rng.normal(size=opens.shape), 0.5)
    scores = standardised(signal, np.isfinite(signal))
    facts = facts_of(panel, scores)
    found = attribute(
        facts,
        market_of(panel, 0),
        {"all": signal[ROWS]},
        weights=weights_of(scores),
        traded_rows=ROWS + 1,
    )
    assert found.by_factor[0] == pytest.approx(float(facts.simulation.price_pnl.sum()), rel=1e-9)
    assert abs(found.residual) < 1e-9


def test_a_factor_that_says_nothing_gains_nothing() -> None:
    flat = np.full((len(ROWS), PANEL.shape[1]), 3.3)
    facts = book()
    found = attribute(
        facts, MARKET, {"flat": flat}, weights=weights_of(SIGNAL), traded_rows=ROWS + 1
    )
    assert found.by_factor.tolist() == [0.0]
    assert found.residual == pytest.approx(float(facts.simulation.price_pnl.sum()))


def test_the_gap_of_a_flip_is_of_the_side_that_was_held() -> None:
    done = book().simulation
    opens, closes = PANEL.fields["open"], PANEL.fields["close"]
    stretches = stretches_of(done)
    changes, seen = changes_of(done, MARKET, stretches), 0
    for place in np.flatnonzero((changes.before != 0) & (changes.units != 0)):
        row, column = stretches.rows[changes.stretches[place]], changes.columns[place]
        units = changes.before[place]
        if np.isfinite(opens[row - 1, column]):
            seen += 1
            expected = units * (opens[row, column] - closes[row - 1, column])
            scale = abs(units * closes[row, column])
            assert changes.prices[place] == pytest.approx(expected, abs=1e-9 * scale)
    assert seen > 20
