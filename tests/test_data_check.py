"""The scorecard finds what was planted, keeps silent on clean bars, and reads the lake only."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake
from alphaforge.data.quality.checks import locked_down
from alphaforge.data.wording import card_text, findings_text
from alphaforge.tests.helpers import real_file

START = datetime(2025, 1, 1, tzinfo=UTC)


def clean(symbols: str = "ABCDE", count: int = 240) -> pl.DataFrame:
    noise = np.random.default_rng(5).standard_normal((len(symbols), count)) * 0.003
    frames = []
    for symbol, moves in zip(symbols, noise, strict=True):
        close = 100.0 * np.exp(np.cumsum(moves))
        opens = np.concatenate([[100.0], close[:-1]])
        frames.append(
            pl.DataFrame(
                {
                    "ts": [START + timedelta(hours=bar) for bar in range(count)],
                    "symbol": symbol,
                    "open": opens,
                    "high": np.maximum(opens, close) * 1.001,
                    "low": np.minimum(opens, close) * 0.999,
                    "close": close,
                    "volume": 10.0,
                    "mark_close": close,
                    "funding_rate": [0.0001 if bar % 8 == 0 else None for bar in range(count)],
                }
            )
        )
    return pl.concat(frames)


def at(symbol: str, *bars: int) -> pl.Expr:
    times = [START + timedelta(hours=bar) for bar in bars]
    return (pl.col("symbol") == symbol) & pl.col("ts").is_in(times)


def put(frame: pl.DataFrame, where: pl.Expr, **values: float | None) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(where).then(pl.lit(value, dtype=pl.Float64)).otherwise(name).alias(name)
        for name, value in values.items()
    )


def lake_of(folder: Path, frame: pl.DataFrame) -> Lake:
    frame.write_parquet(folder / "bars.parquet")
    lake = Lake(folder / "it's a lake", SystemClock())
    lake.import_file(folder / "bars.parquet", "bars")
    return lake


def rules(lake: Lake) -> dict[str, list[tuple[str, int]]]:
    out: dict[str, list[tuple[str, int]]] = {}
    for item in lake.check("bars"):
        out.setdefault(item.rule, []).append((item.symbol, item.count))
    return out


def test_clean_bars_have_no_finding(tmp_path: Path) -> None:
    assert rules(lake_of(tmp_path, clean())) == {}


def test_each_planted_defect_is_found_and_nothing_else(tmp_path: Path) -> None:
    frame = clean()
    frame = frame.filter(~at("A", 50, 51, 52, 90))
    frame = frame.filter((pl.col("symbol") != "B") | (pl.col("ts") >= START + timedelta(hours=16)))
    frame = frame.filter((pl.col("symbol") != "C") | (pl.col("ts") < START + timedelta(hours=225)))
    frame = put(frame, at("D", 7, 9), volume=0.0)
    frame = put(frame, at("D", 10), volume=None)
    frame = put(frame, at("E", 16, 24), funding_rate=None)
    frame = put(frame, at("E", 3), mark_close=None)
    assert rules(lake_of(tmp_path, frame)) == {
        "gap": [("A", 4)],
        "late_listing": [("B", 16)],
        "early_end": [("C", 15)],
        "zero_volume": [("D", 2)],
        "volume_missing": [("D", 1)],
        "funding_missing": [("E", 2)],
        "mark_missing": [("E", 1)],
    }


def test_a_spike_an_outlier_and_a_crash_are_told_apart(tmp_path: Path) -> None:
    frame = clean()
    closes = frame.get_column("close").to_numpy().reshape(5, 240).copy()
    closes[1, 60] *= 1.6
    closes[2, 120:] *= 1.5
    closes[:, 180:] *= 0.8
    close = closes.reshape(-1)
    high, low = close * 1.01, close * 0.99
    frame = frame.with_columns(
        open=pl.Series(close), high=pl.Series(high), low=pl.Series(low), close=pl.Series(close)
    )
    found = {item.rule: item for item in lake_of(tmp_path, frame).check("bars")}
    assert set(found) == {"spike", "outlier", "market_move"}
    assert (found["spike"].symbol, found["spike"].first[:13]) == ("B", "2025-01-03T12")
    assert found["market_move"].count == 5
    assert found["market_move"].severity.value == "note"
    outliers = Counter(item.symbol for item in lake_of(tmp_path, frame).check("bars"))
    assert outliers["C"] == 1


def test_a_price_that_stands_still_is_stale(tmp_path: Path) -> None:
    frame = clean()
    still = (pl.col("symbol") == "A") & pl.col("ts").is_between(
        START + timedelta(hours=100), START + timedelta(hours=115)
    )
    price = frame.filter(at("A", 100)).item(0, "close")
    frame = put(frame, still, open=price, high=price, low=price, close=price)
    assert rules(lake_of(tmp_path, frame)) == {"stale_price": [("A", 15)]}


def test_a_four_hour_interval_is_learned_and_its_holes_are_found(tmp_path: Path) -> None:
    frame = clean("AB")
    hour = pl.col("ts").dt.hour()
    four = pl.when((pl.col("symbol") == "A") & (hour % 4 == 0)).then(0.0001)
    frame = frame.with_columns(four.otherwise("funding_rate").alias("funding_rate"))
    assert rules(lake_of(tmp_path / "", frame)) == {"funding_interval": [("A", 59)]}
    holes = put(frame, at("A", 40, 100, 104), funding_rate=None)
    assert rules(lake_of(tmp_path, holes))["funding_missing"] == [("A", 3)]


def test_a_change_from_eight_to_four_hours_is_no_hole(tmp_path: Path) -> None:
    frame = clean("AB")
    is_late = pl.col("ts") >= START + timedelta(hours=120)
    four = pl.when((pl.col("ts").dt.hour() % 4 == 0) & is_late).then(0.0001)
    frame = frame.with_columns(four.otherwise("funding_rate").alias("funding_rate"))
    found = rules(lake_of(tmp_path, frame))
    assert found == {"funding_interval": [("A", 29), ("B", 29)]}


def test_changed_bytes_of_a_table_are_found(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, clean())
    [part] = lake.root.rglob("*.parquet")
    stored = pl.read_parquet(part, hive_partitioning=False)
    stored.with_columns(pl.col("volume") * 1.0000001).write_parquet(part)
    assert [item.rule for item in lake.check("bars")] == ["content_changed"]
    assert lake.check("bars")[0].severity.value == "error"


def test_the_summary_states_units_and_ranges(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, put(clean("A", 16), at("A", 3), volume=30.0))
    summary = {item.field: item for item in lake.summary("bars")}
    volume = summary["volume"]
    assert (volume.unit, volume.low, volume.median, volume.high) == ("base units", 10.0, 10.0, 30.0)
    assert (volume.values, volume.missing, volume.mean) == (16, 0, 11.25)
    assert (summary["funding_rate"].values, summary["funding_rate"].missing) == (2, 14)


def test_a_check_of_an_earlier_snapshot_looks_at_that_one(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, clean().filter(~at("A", 50)))
    old = lake.card("bars").snapshot
    clean().write_parquet(tmp_path / "mended.parquet")
    lake.import_file(tmp_path / "mended.parquet", "bars")
    assert rules(lake) == {}
    assert [item.rule for item in lake.check("bars", snapshot=old)] == ["gap"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM '{outside}'",
        "COPY (SELECT 1) TO '{outside}.copy'",
        "ATTACH '{outside}.db'",
        "INSTALL httpfs",
        "SET enable_external_access=true",
        "SET allowed_directories=['/']",
        "SET lock_configuration=false",
    ],
)
def test_n2_the_query_engine_reads_below_the_lake_only_and_stays_locked(
    tmp_path: Path, sql: str
) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("a,b\n1,2\n")
    inside = tmp_path / "lake"
    inside.mkdir()
    (inside / "inside.csv").write_text("a,b\n1,2\n")
    with locked_down(inside) as connection:
        path = str(inside / "inside.csv")
        assert connection.execute("SELECT a FROM read_csv(?)", [path]).fetchall() == [(1,)]
        with pytest.raises(duckdb.Error):
            connection.execute(sql.format(outside=outside))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "outside.csv"]


def test_people_read_the_card_and_the_findings(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, put(clean(), at("D", 7, 9), volume=0.0))
    text = card_text(lake.card("bars"), lake.summary("bars"))
    assert "volume               base units: 0 .. 10 .. 10" in text
    assert "vwap                 derived, quote per base unit" in text
    assert "survivorship" in text
    assert findings_text(lake.check("bars")) == (
        "warning zero_volume          D: 2 bars without a trade, 2 of them in the first day of "
        "its life, first 2025-01-01T07:00"
    )


@pytest.mark.real_data
def test_the_known_defects_of_the_real_panels_are_found(tmp_path: Path) -> None:
    lake = Lake(tmp_path, SystemClock())
    lake.import_file(real_file("open/binance_usdm_1h_2025.parquet"), "bars")
    found = rules(lake)
    assert found["mark_missing"] == [
        (symbol, 6624) for symbol in ("1000PEPEUSDT", "RENDERUSDT", "SOLUSDT", "TONUSDT")
    ]
    assert [symbol for symbol, _ in found["funding_missing"]] == ["RENDERUSDT", "TONUSDT"]
    [crash] = [item for item in lake.check("bars") if item.rule == "market_move"]
    assert crash.first.startswith("2025-10-10T21:00")
    assert not {"gap", "duplicate", "ohlc_order", "zero_volume", "content_changed"} & set(found)
    lake.import_file(real_file("open/spot_btc_pairs_5m_2018.parquet"), "bars")
    gaps = rules(lake)["gap"]
    assert (len(gaps), sum(count for _, count in gaps)) == (5, 52)
