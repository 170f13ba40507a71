"""Each defect that is known of the real files is a finding, and so are a damaged file's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphaforge.core.clock import SteppedClock, SystemClock
from alphaforge.data import Finding, Lake
from alphaforge.tests.helpers import real_file

HOURS_2025 = "open/binance_usdm_1h_2025.parquet"
HOURS_80 = "nolicence/binance_usdm_1h_top80_2025_2026.parquet"
Found = dict[str, list[Finding]]


def found_in(folder: Path, file: Path) -> Found:
    lake = Lake(folder / "lake", SystemClock())
    lake.import_file(file, "bars")
    return by_rule(lake)


def by_rule(lake: Lake) -> Found:
    out: Found = {}
    for item in lake.check("bars"):
        out.setdefault(item.rule, []).append(item)
    return out


def total(found: Found, rule: str) -> int:
    return sum(item.count for item in found[rule])


@pytest.mark.real_data
def test_the_main_panel_lacks_the_delisted_marks_and_settlements(tmp_path: Path) -> None:
    found = found_in(tmp_path, real_file(HOURS_2025))
    [survivors] = found["survivorship"]
    assert (survivors.count, survivors.severity.value) == (22, "warning")
    assert "hindsight_universe" not in found
    assert "windows_differ" not in found
    assert {item.symbol: item.count for item in found["mark_missing"]} == dict.fromkeys(
        ["1000PEPEUSDT", "RENDERUSDT", "SOLUSDT", "TONUSDT"], 6624
    )
    assert [item.symbol for item in found["funding_missing"]] == ["RENDERUSDT", "TONUSDT"]
    assert {"ENAUSDT", "ONDOUSDT", "XTZUSDT"} <= {item.symbol for item in found["funding_interval"]}
    assert [item.symbol for item in found["multiple"]] == ["1000PEPEUSDT", "1000SHIBUSDT"]
    [crash] = found["market_move"]
    assert (crash.first[:13], crash.severity.value) == ("2025-10-10T21", "note")


@pytest.mark.real_data
def test_a_list_of_symbols_that_was_made_afterwards_shows(tmp_path: Path) -> None:
    found = found_in(tmp_path, real_file(HOURS_80))
    assert total(found, "survivorship") == 80
    assert total(found, "hindsight_universe") == 11
    assert "unfinished_bar" not in found


@pytest.mark.real_data
def test_the_first_hours_of_the_majors_are_thin(tmp_path: Path) -> None:
    found = found_in(tmp_path, real_file("open/binance_usdm_1h_majors_2019_2025.parquet"))
    assert {item.symbol: item.message for item in found["zero_volume"]} == {
        "BTCUSDT": "3 bars without a trade, 3 of them in the first day of its life",
        "ETHUSDT": "1 bars without a trade, 1 of them in the first day of its life",
    }
    assert total(found, "mark_missing") == 3166
    assert total(found, "windows_differ") == 2


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("open/binance_usdm_1h_2023.parquet", 54),
        ("open/binance_usdm_15m_2025_mit.parquet", 7),
        ("nolicence/coinbase_spot_1d_2020_2025.parquet", 120),
    ],
)
def test_windows_that_differ_by_symbol_show(tmp_path: Path, file: str, count: int) -> None:
    found = found_in(tmp_path, real_file(file))
    assert total(found, "windows_differ") == count
    assert found["early_end"]
    # An early end is a delisting or the end of a collection: only that much can be said.
    assert found["survivorship"][0].severity.value == "note"


@pytest.mark.real_data
def test_absurd_first_rows_of_open_interest_show(tmp_path: Path) -> None:
    found = found_in(tmp_path, real_file("nolicence/coinalyze_open_interest_1d.parquet"))
    absurd = {item.symbol: item.message for item in found["open_interest_first"]}
    assert {"ALGO", "ATOM", "BONK", "VIRTUAL", "WIF"} <= set(absurd)
    assert not {"BTC", "ETH", "SOL"} & set(absurd)
    assert absurd["BONK"].startswith("1 first value of `oi_open`: 91.02, ten bars on it is ")


@pytest.mark.real_data
def test_empty_cells_of_a_vendor_are_counted(tmp_path: Path) -> None:
    found = found_in(tmp_path, real_file("open/onchain_coinmetrics_1d_tokens.parquet"))
    empty = {item.message.split("`")[1]: item.count for item in found["cells_empty"]}
    assert (empty["price_usd"], empty["cap_real_usd"], empty["adr_act_cnt"]) == (1536, 898, 6)


@pytest.mark.real_data
def test_gaps_of_the_old_spot_pairs_show(tmp_path: Path) -> None:
    found = found_in(tmp_path, real_file("open/spot_btc_pairs_5m_2018.parquet"))
    assert (len(found["gap"]), total(found, "gap")) == (5, 52)


@pytest.mark.real_data
def test_bars_that_were_open_when_they_were_taken_in_show(tmp_path: Path) -> None:
    whole = pl.read_parquet(real_file(HOURS_80))
    lake = Lake(tmp_path / "lake", SteppedClock(datetime(2026, 1, 31, 23, 12, tzinfo=UTC)))
    lake.import_file(real_file(HOURS_80), "bars")
    assert [item.count for item in by_rule(lake)["unfinished_bar"]] == [1] * 80
    # Collected earlier and imported later: a twentieth of the last hour had passed.
    is_last = pl.col("ts") == pl.col("ts").max()
    cut = pl.when(is_last).then(pl.col("volume") / 20).otherwise("volume")
    whole.with_columns(cut.alias("volume")).write_parquet(tmp_path / "open.parquet")
    [opened] = found_in(tmp_path / "later", tmp_path / "open.parquet")["unfinished_bar"]
    assert (opened.count, opened.first[:16]) == (80, "2026-01-31T23:00")


def held_back(folder: Path) -> Path:
    """Write bars of eight symbols of which 152 are there twice and one has a price of zero."""
    random = np.random.default_rng(152)
    frames = []
    for symbol in "ABCDEFGH":
        close = 100 * np.exp(np.cumsum(random.standard_normal(500) * 0.003))
        times = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=bar) for bar in range(500)]
        prices = {"open": close, "high": close * 1.01, "low": close * 0.99, "close": close}
        frames.append(pl.DataFrame({"ts": times, "symbol": f"{symbol}USDT", **prices, "volume": 7}))
    frame = pl.concat(frames)
    frame = frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 1234).then(0.0).otherwise("low").alias("low")
    )
    rows = [int(row) for row in random.permutation(4000) if row != 1234]
    frame = pl.concat([frame, frame[rows[:152]]]).sample(fraction=1, shuffle=True, seed=5)
    frame.write_parquet(folder / "held.parquet")
    return folder / "held.parquet"


def test_152_duplicates_and_one_zero_price_are_found_and_nothing_else(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake", SystemClock())
    card = lake.import_file(held_back(tmp_path), "bars")
    assert dict(card.faults) == {"duplicate": 152, "price_not_positive": 1}
    assert card.rows == 3999
    found = by_rule(lake)
    assert {rule: total(found, rule) for rule in found} == {
        "duplicate": 152,
        "price_not_positive": 1,
        "gap": 1,
    }
    [zero] = found["price_not_positive"]
    assert (zero.symbol, zero.severity.value) == ("CUSDT", "error")


def put(column: str, value: float, *, at: int) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a damage to one cell."""
    place = pl.int_range(pl.len()) == at
    return lambda frame: frame.with_columns(
        pl.when(place).then(value).otherwise(column).alias(column)
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (put("low", 0.0, at=100), "price_not_positive"),
        (put("high", 1e-9, at=100), "ohlc_order"),
        (put("close", float("nan"), at=100), "price_missing"),
        (lambda frame: pl.concat([frame, frame[:3]]), "duplicate"),
        (
            lambda frame: pl.concat([frame, put("volume", 1.5, at=0)(frame[:3])]),
            "duplicate_conflict",
        ),
    ],
)
def test_damage_to_a_real_file_is_found(
    tmp_path: Path, damage: Callable[[pl.DataFrame], pl.DataFrame], rule: str
) -> None:
    frame = pl.read_parquet(real_file("open/binance_usdm_15m_2025_mit.parquet"))
    damage(frame).write_parquet(tmp_path / "damaged.parquet")
    clean = found_in(tmp_path / "a", real_file("open/binance_usdm_15m_2025_mit.parquet"))
    assert rule not in clean
    assert rule in found_in(tmp_path / "b", tmp_path / "damaged.parquet")
