"""Whole back-tests through the one door: windows, warm-up, missing data, what is stated."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from alphaforge.core.errors import BrokenError, InvalidInputError
from alphaforge.core.panel import Panel
from alphaforge.core.registry import modules_in
from alphaforge.dsl import ops
from alphaforge.dsl.fingerprint import strategy_fingerprint
from alphaforge.dsl.nodes import OPERATORS, Field, Node
from alphaforge.dsl.strategy import Costs, Portfolio, Rule, Strategy, Universe, Window
from alphaforge.engine.artifacts import load_series, save_series, series_of
from alphaforge.engine.backtest import Backtest, backtest, look_back_bars, span_of
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.engine.missing import warmups
from alphaforge.tests.helpers import KERNEL_CACHE

Matrix = NDArray[np.float64]
HOUR = 3600
START = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())


def call(name: str, *arguments: object) -> Node:
    assert list(modules_in(ops))
    return OPERATORS.members()[name](*arguments)


@cache
def panel(rows: int = 24 * 20, names: int = 8) -> Panel:
    rng = np.random.default_rng(9)
    close = 20.0 * np.exp(np.cumsum(rng.normal(0, 0.01, (rows, names)), axis=0))
    opens = np.vstack([close[:1], close[:-1]])
    funding = np.zeros((rows, names))
    funding[::8] = rng.normal(0.0001, 0.0003, funding[::8].shape)
    volume = rng.lognormal(5, 1, (rows, names))
    return Panel(
        dataset="made_1h",
        snapshot="snap_made",
        bar_seconds=HOUR,
        times=START + HOUR * np.arange(rows, dtype=np.int64),
        symbols=tuple(f"N{place}" for place in range(names)),
        fields={
            "open": opens,
            "close": close,
            "mark_open": opens * 1.0001,
            "funding_rate": funding,
            "volume": volume,
        },
    )


def strategy(**changes: object) -> Strategy:
    reversal = call("rank", call("neg", call("delta", Field("close"), 24)))
    base = Strategy(
        name="reversal",
        signal=reversal,
        bar_seconds=HOUR,
        portfolio=Portfolio(quantile=Decimal("0.25")),
        window=Window(date(2025, 3, 5), date(2025, 3, 14)),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def run(plan: Strategy, on: Panel | None = None) -> Backtest:
    return backtest(plan, on if on is not None else panel(), Evaluator(Kernels(KERNEL_CACHE)))


def with_field(name: str, values: Matrix) -> Panel:
    return replace(panel(), fields={**panel().fields, name: values})


def test_D3_what_remembers_all_of_the_past_is_loaded_from_the_datasets_first_bar() -> None:
    smooth = call("ema", Field("close"), 24)
    plan = strategy(signal=call("rank", call("neg", call("div", Field("close"), smooth))))
    assert span_of(plan) == (None, span_of(strategy())[1])
    whole = run(plan)
    late = run(plan, panel().rows(48, panel().shape[0]))
    assert whole.signal[48:][: len(late.signal)].tobytes() != late.signal.tobytes()


def test_what_is_only_shown_beside_the_signal_loads_nothing_more() -> None:
    # Texts that differ in a feature have one fingerprint, so they must see the same bars.
    smooth = call("ema", Field("close"), 24)
    plan = strategy()
    for shown in (
        replace(plan, features=(("smooth", smooth),)),
        replace(plan, factors=(("smooth", smooth),)),
    ):
        assert strategy_fingerprint(shown) == strategy_fingerprint(plan)
        assert span_of(shown) == span_of(plan)


def test_a_window_is_simulated_from_its_first_bar_to_the_end_of_its_last_day() -> None:
    found = run(strategy())
    times = found.simulation.times
    assert datetime.fromtimestamp(int(times[0]), UTC) == datetime(2025, 3, 5, tzinfo=UTC)
    assert datetime.fromtimestamp(int(times[-1]), UTC) == datetime(2025, 3, 14, 23, tzinfo=UTC)
    assert found.metrics["bars"] == 240
    assert found.simulation.traded[0].any()  # The decision of the bar before is traded at once.
    assert found.notes == ()


def test_the_warm_up_alone_is_enough_to_load() -> None:
    plan = strategy()
    assert look_back_bars(plan) == 24
    start, end = span_of(plan)
    assert end == datetime(2025, 3, 15, tzinfo=UTC)
    assert start == datetime(2025, 3, 3, 22, tzinfo=UTC)
    first = int((start.timestamp() - START) // HOUR)
    whole, cut = run(plan), run(plan, panel().rows(first, panel().shape[0]))
    assert np.array_equal(whole.simulation.equity, cut.simulation.equity)
    assert whole.metrics == cut.metrics


def test_history_before_what_is_loaded_counts() -> None:
    # A name that lacked bars before the window is a member where it would be with all bars loaded.
    plan = strategy(universe=Universe(min_history_bars=48))
    close = panel().fields["close"].copy()
    close[60:70, 2] = np.nan
    full = with_field("close", close)
    start = span_of(plan)[0]
    assert start is not None
    first = int((start.timestamp() - START) // HOUR)
    cut = full.rows(first, full.shape[0])
    counts = np.isfinite(close[:first]).sum(axis=0).tolist()
    before = dict(zip(full.symbols, counts, strict=True))
    evaluator = Evaluator(Kernels(KERNEL_CACHE))
    whole, told = run(plan, full), backtest(plan, cut, evaluator, before=before)
    assert np.array_equal(whole.mask[first:], told.mask)
    assert np.array_equal(whole.simulation.equity, told.simulation.equity)
    assert not np.array_equal(whole.mask[first:], run(plan, cut).mask)


def test_bars_after_the_window_change_nothing() -> None:
    plan = strategy()
    stop = int(np.searchsorted(panel().times, datetime(2025, 3, 15, tzinfo=UTC).timestamp()))
    assert np.array_equal(
        run(plan).simulation.equity, run(plan, panel().rows(0, stop)).simulation.equity
    )


def test_prices_of_tomorrow_change_no_equity_of_today() -> None:
    plan = strategy()
    cut = 200
    fields = {name: values.copy() for name, values in panel().fields.items()}
    for values in fields.values():
        values[cut:] *= np.linspace(1.1, 3.0, values.shape[1])
    first, second = run(plan), run(plan, replace(panel(), fields=fields))
    rows = cut - first.start_row
    assert np.array_equal(first.simulation.equity[:rows], second.simulation.equity[:rows])
    assert not np.array_equal(first.simulation.equity[rows:], second.simulation.equity[rows:])


def test_without_a_window_the_first_signal_starts_the_book() -> None:
    found = run(strategy(window=None))
    # Row 24 is the first with a value; bar 31 ends at 08:00 and is the first decision after it.
    assert found.start_row == 32
    assert found.simulation.traded[0].any()
    assert np.array_equal(found.decisions[:2], [31, 39])


def test_a_window_without_warm_up_says_that_it_starts_flat() -> None:
    found = run(strategy(window=Window(date(2025, 3, 1), date(2025, 3, 6))))
    assert "the first 32 bars of the window are flat: the signal starts inside it" in found.notes
    assert not found.simulation.returns[:32].any()


def test_a_signal_without_values_is_an_error_with_a_way_out() -> None:
    with pytest.raises(InvalidInputError, match="no value at any of the") as caught:
        run(strategy(signal=call("rank", call("delta", Field("close"), 10_000))))
    assert "10000 bars" in caught.value.help


def test_a_window_without_bars_names_the_bars_there_are() -> None:
    for window in (
        Window(date(2024, 1, 1), date(2024, 2, 1)),
        Window(date(2026, 1, 1), date(2026, 2, 1)),
    ):
        with pytest.raises(InvalidInputError, match="holds no bars of `made_1h`") as caught:
            run(strategy(window=window))
        assert "2025-03-01 00:00" in caught.value.help


def test_another_bar_length_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="bars of 3600 s"):
        run(strategy(bar_seconds=900))


def test_a_signal_that_cannot_choose_is_refused_rather_than_flat() -> None:
    zero = call("add", (Field("close"), call("neg", Field("close"))))
    with pytest.raises(InvalidInputError, match="never takes a position"):
        run(strategy(signal=zero))
    with pytest.raises(InvalidInputError, match="never takes a position"):
        run(strategy(signal=zero, portfolio=Portfolio(Rule.PROPORTIONAL, None)))


def test_D5_a_signal_missing_for_a_fifth_of_the_names_is_traded_and_for_more_refused() -> None:
    volume = panel().fields["volume"].copy()
    signal = call("rank", call("ts_mean", Field("volume"), 4))
    volume[240:250, :1] = np.nan  # One name of eight.
    run(strategy(signal=signal), with_field("volume", volume))
    volume[240:250, 1] = np.nan  # Two of eight: a quarter.
    with pytest.raises(InvalidInputError) as caught:
        run(strategy(signal=signal), with_field("volume", volume))
    assert caught.value.code == "AF911"
    assert "missing for 2 of 8 instruments at `2025-03-11 07:00` (N0, N1)" in caught.value.message


def test_D5_a_listing_in_the_window_is_not_missing_data() -> None:
    fields = {name: values.copy() for name, values in panel().fields.items()}
    for values in fields.values():
        values[:200, :4] = np.nan  # Half of the names are listed inside the window.
    found = run(strategy(), replace(panel(), fields=fields))
    assert found.metrics["trades"]
    weights = found.weights
    assert not weights[:224, :4].any()
    assert weights[224:, :4].any()


def test_D5_a_name_that_enters_the_universe_is_not_missing_data() -> None:
    # A window over ranks has no value until a name has been a member for as long.
    signal = call("ts_mean", call("rank", Field("close")), 12)
    assert warmups(signal) == (11, 11)
    plan = strategy(signal=signal, universe=Universe(top=4, by=Field("volume")))
    with pytest.raises(InvalidInputError, match="no value at any"):
        run(plan)  # Members change at each bar, so nobody stays for twelve.
    calm = np.repeat(panel().fields["volume"][::40], 40, axis=0)[: panel().shape[0]]
    found = run(plan, with_field("volume", calm))
    assert np.isnan(found.signal[found.mask]).mean() > 0.1
    assert found.metrics["trades"]


def test_warm_ups_add_along_a_path_and_take_the_longest() -> None:
    close = Field("close")
    inner = call("delta", close, 24)
    assert warmups(close) == (0, 0)
    assert warmups(call("rank", inner)) == (24, 0)
    assert warmups(call("ts_mean", call("rank", inner), 5)) == (28, 4)
    both = call("add", (call("ts_mean", call("rank", inner), 5), call("delta", close, 100)))
    assert warmups(both) == (100, 4)


def test_the_universe_warm_up_counts_before_the_window() -> None:
    plan = strategy(
        universe=Universe(top=4, by=call("ts_mean", Field("volume"), 48), min_history_bars=10)
    )
    assert look_back_bars(plan) == 47
    averaged = replace(plan, signal=call("ts_mean", call("rank", Field("close")), 12))
    assert look_back_bars(averaged) == 47 + 11  # Ranks begin when the universe does.
    found = run(plan)
    assert found.mask[found.start_row :].sum(axis=1).max() == 4
    assert not found.weights[~found.mask].any()


def test_what_the_dataset_lacks_is_stated() -> None:
    bare = replace(panel(), fields={name: panel().fields[name] for name in ("open", "close")})
    assert run(strategy(), bare).notes == (
        "no funding is booked: the dataset has no `funding_rate`",
    )
    off = strategy(costs=Costs(has_funding=False))
    assert run(off, bare).notes == ()
    capped = strategy(portfolio=Portfolio(quantile=Decimal("0.25"), weight_max=Decimal("0.1")))
    assert "30 of 30 decisions hold less than the gross asked for" in run(capped).notes[0]


def test_what_happened_to_the_book_is_stated() -> None:
    fields = {name: values.copy() for name, values in panel().fields.items()}
    for values in fields.values():
        values[255, 2] = np.nan  # Missing when the decision of bar 254 is traded...
        values[300:, 3] = np.nan  # and no bar from here on.
    fields["open"][150, 5] = -1.0
    every = strategy(rebalance_bars=1, portfolio=Portfolio(quantile=Decimal("0.5")))
    notes = " / ".join(run(every, replace(panel(), fields=fields)).notes)
    assert "prices that were not positive, taken as missing: 1" in notes
    assert "orders that found no bar to trade in, their positions kept: " in notes
    assert "closed at their last close, their bars having ended: N3" in notes
    ruined = strategy(portfolio=Portfolio(quantile=Decimal("0.25"), gross=Decimal(200)))
    found = run(ruined)
    assert found.metrics["is_liquidated"] == 1.0
    assert any("the book was ruined in the bar of 2025-03-05" in note for note in found.notes)


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = run(strategy()), run(strategy())
    assert repr(first.metrics) == repr(second.metrics)
    save_series(tmp_path / "a.npz", first)
    save_series(tmp_path / "b.npz", second)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_progress_only_grows_and_ends_at_the_total() -> None:
    seen: list[tuple[float, float]] = []
    backtest(
        strategy(),
        panel(),
        Evaluator(Kernels(KERNEL_CACHE)),
        lambda done, total, _message: seen.append((done, total)),
    )
    assert seen == sorted(seen)
    assert seen[-1] == (1.0, 1.0)


def test_series_come_back_as_they_were_saved(tmp_path: Path) -> None:
    found = run(strategy())
    save_series(tmp_path / "series.npz", found)
    back, before = load_series(tmp_path / "series.npz"), series_of(found)
    assert back.symbols == panel().symbols
    assert (back.bar_seconds, back.capital) == (HOUR, 1.0)
    for name in ("equity", "returns", "positions", "rank_ic", "times", "name_gain"):
        assert np.array_equal(getattr(back, name), getattr(before, name), equal_nan=True), name
    assert back.positions.shape == (240, 8)
    assert [path.name for path in tmp_path.iterdir()] == ["series.npz"]


def test_a_damaged_or_foreign_file_is_no_series(tmp_path: Path) -> None:
    path = tmp_path / "series.npz"
    with pytest.raises(BrokenError):
        load_series(path)
    path.write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(BrokenError):
        load_series(path)
    with path.open("wb") as file:
        np.savez_compressed(file, version=np.array(99))
    with pytest.raises(BrokenError, match="version 99"):
        load_series(path)
