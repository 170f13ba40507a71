"""What a book is compared with, by hand and through the one door."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.dsl import compile_text
from alphaforge.dsl.strategy import Universe, Window
from alphaforge.engine.artifacts import series_of
from alphaforge.engine.report.page import tear_sheet_html
from alphaforge.engine.report.sheet import Sheet
from alphaforge.tests.test_backtest_strategy import panel, run, strategy
from alphaforge.tests.trees import CATALOGUE

ROWS = slice(4 * 24, 14 * 24)


def test_an_instrument_is_bought_at_the_first_open_and_held() -> None:
    found = run(strategy(benchmark="N3"))
    assert found.benchmark is not None
    assert len(found.benchmark) == len(found.simulation.returns)
    close, opens = (panel().fields[name][ROWS, 3] for name in ("close", "open"))
    growth = np.cumprod(1.0 + found.benchmark)
    np.testing.assert_allclose(growth, close / opens[0], rtol=1e-12)


def test_what_is_compared_alters_nothing_that_is_simulated() -> None:
    plain, compared = run(strategy()), run(strategy(benchmark="N0"))
    assert plain.benchmark is None
    assert np.array_equal(plain.simulation.equity, compared.simulation.equity)


def test_metrics_and_the_sheet_hold_a_book_against_its_benchmark() -> None:
    plain, found = run(strategy()), run(strategy(benchmark="N3"))
    assert found.benchmark is not None
    book, other = found.simulation.returns, found.benchmark
    year, active = 365 * 24, book - other
    beta = float(np.cov(book, other)[0, 1] / np.var(other, ddof=1))
    expected = {
        "beta": beta,
        "alpha_annual": float(book.mean() - beta * other.mean()) * year,
        "correlation_benchmark": float(np.corrcoef(book, other)[0, 1]),
        "information_ratio": float(active.mean() / active.std(ddof=1)) * year**0.5,
    }
    assert {name: found.metrics[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert not any(plain.metrics[name] for name in expected)
    for each, is_drawn in ((found, True), (plain, False)):
        page = tear_sheet_html(Sheet("a", series_of(each), each.metrics))
        assert (">benchmark<" in page) == is_drawn


def test_a_missing_bar_returns_nothing_and_what_is_not_listed_is_missing() -> None:
    fields = {name: values.copy() for name, values in panel().fields.items()}
    for values in fields.values():
        values[:120, 7] = np.nan  # Listed inside the window,
        values[200, 7] = np.nan  # with a gap,
        values[300:, 7] = np.nan  # and gone before its end.
    on = replace(panel(), fields=fields)
    found = run(strategy(benchmark="N7", universe=Universe(exclude=("N7",))), on).benchmark
    assert found is not None
    returns = dict(enumerate(found, start=ROWS.start))
    close, opens = fields["close"][:, 7], fields["open"][:, 7]
    assert np.isnan([returns[row] for row in (*range(ROWS.start, 120), 300, 335)]).all()
    assert returns[120] == close[120] / opens[120] - 1.0
    assert returns[200] == 0.0
    assert returns[201] == close[201] / close[199] - 1.0
    assert returns[299] == close[299] / close[298] - 1.0


def test_the_universe_drifts_between_decisions_and_is_traded_with_the_delay() -> None:
    plan = strategy(benchmark="universe", universe=Universe(only=("N1", "N2", "N5")))
    found = run(plan).benchmark
    assert found is not None
    close, opens = (panel().fields[name][:, [1, 2, 5]] for name in ("close", "open"))
    # Decided at the ends of 7:00, 15:00 and 23:00, traded one bar later at the open.
    money, expected = 1.0, []
    units = np.zeros(3)
    for row in range(ROWS.start, ROWS.stop):
        if row % 8 == 0:
            worth = float((units * opens[row]).sum()) if units.any() else money
            units = worth / 3 / opens[row]
        now = float((units * close[row]).sum())
        expected.append(now / money - 1.0)
        money = now
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_an_unknown_benchmark_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInputError, match="no benchmark `N33`") as caught:
        run(strategy(benchmark="N33"))
    assert caught.value.help == "did you mean `N3`?"


def test_a_benchmark_without_a_bar_in_the_window_is_refused() -> None:
    fields = {name: values.copy() for name, values in panel().fields.items()}
    for values in fields.values():
        values[90:, 6] = np.nan
    plan = strategy(benchmark="N6", universe=Universe(exclude=("N6",)))
    with pytest.raises(InvalidInputError, match="no bar in the window"):
        run(plan, replace(panel(), fields=fields))


def test_a_text_says_its_benchmark() -> None:
    text = "strategy s {{ backtest 2025-03-05 .. 2025-03-14, benchmark {}\nsignal returns }}"
    for said, meant in (("universe", "universe"), ('"BTC-USDT"', "BTC-USDT")):
        made = compile_text(text.format(said), CATALOGUE).require()
        assert made.benchmark == meant
        assert made.window == Window(date(2025, 3, 5), date(2025, 3, 14))
