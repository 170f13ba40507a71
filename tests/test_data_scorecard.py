"""The scorecard of a snapshot, one dataset against another, and the clocks of records."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake
from alphaforge.data.records import Records
from alphaforge.server.cli import run_command
from alphaforge.tests.helpers import real_file

START = datetime(2025, 1, 1, tzinfo=UTC)
TICKER = "open/hft_binance_usdm_btcusdt_20240808_book_ticker.parquet"
DEPTH = "open/hft_binance_usdm_btcusdt_20240808_depth_updates.parquet"
TRADES = "open/hft_binance_usdm_btcusdt_20240808_trades.parquet"


def alphaforge(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run_command([*words, "--json", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out)


def spoken(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    run_command([*words, "--home", str(home)])
    return capsys.readouterr().out


def bars(symbols: tuple[str, ...] = ("BTCUSDT", "ETHUSDT"), count: int = 400) -> pl.DataFrame:
    random = np.random.default_rng(3)
    frames = []
    for symbol in symbols:
        close = 100 * np.exp(np.cumsum(random.standard_normal(count) * 0.003))
        times = [START + timedelta(hours=bar) for bar in range(count)]
        prices = {"open": close, "high": close * 1.01, "low": close * 0.99, "close": close}
        frames.append(pl.DataFrame({"ts": times, "symbol": symbol, **prices, "volume": 7.0}))
    return pl.concat(frames)


def taken(home: Path, capsys: pytest.CaptureFixture[str], frame: pl.DataFrame, name: str) -> None:
    frame.write_parquet(home.parent / f"{name}.parquet")
    path = str(home.parent / f"{name}.parquet")
    assert alphaforge(home, capsys, "data", "import", path, "--name", name)[0] == 0


def at_row(column: str, row: int, value: float) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == row).then(value).otherwise(column).alias(column)


@pytest.mark.parametrize(
    ("change", "grade", "code"),
    [
        (lambda frame: frame, "A", 0),
        (lambda frame: frame.with_columns(at_row("volume", 50, 0.0)), "B", 0),
        (lambda frame: frame.with_columns(volume=0.0), "C", 0),
        (lambda frame: frame.with_columns(at_row("low", 50, 0.0)), "D", 1),
        (lambda frame: frame.with_columns(low=pl.col("high") * pl.col("volume") / 6), "F", 1),
    ],
)
def test_a_grade_says_how_much_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, grade: str, code: int
) -> None:
    home = tmp_path / "home"
    frame = bars()
    is_late = pl.int_range(pl.len()) >= 380
    spoilt = change(frame)
    if grade == "F":
        spoilt = pl.concat([frame.filter(~is_late), spoilt.filter(is_late)])
    taken(home, capsys, spoilt, "perps")
    exit_code, checked = alphaforge(home, capsys, "data", "check", "perps")
    assert (exit_code, checked["grade"]) == (code, grade)


def test_a_scorecard_has_a_line_a_rule_and_is_kept_by_snapshot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    taken(home, capsys, bars().with_columns(at_row("volume", 50, 0.0)), "perps")
    _, shown = alphaforge(home, capsys, "data", "show", "perps")
    assert shown["scorecard"] is None
    assert "not checked yet" in spoken(home, capsys, "data", "show", "perps")
    _, checked = alphaforge(home, capsys, "data", "check", "perps")
    lines = {item["rule"]: item for item in checked["scorecard"]["scores"]}
    assert (lines["zero_volume"]["count"], lines["zero_volume"]["severity"]) == (1, "warning")
    assert (lines["gap"]["count"], lines["ohlc_order"]["severity"]) == (0, "error")
    assert "funding_missing" not in lines
    _, shown = alphaforge(home, capsys, "data", "show", "perps")
    assert shown["scorecard"] == checked["scorecard"]
    [stored] = home.rglob(f"scorecards/perps/{checked['snapshot']}.json")
    assert json.loads(stored.read_text()) == checked["scorecard"]
    text = spoken(home, capsys, "data", "check", "perps")
    assert "grade B (warnings on less than 1 % of the bars)" in text
    assert "grade B" in spoken(home, capsys, "data", "show", "perps")
    # Another snapshot has another scorecard; the old one stays with the old snapshot.
    taken(home, capsys, bars(), "perps")
    assert alphaforge(home, capsys, "data", "show", "perps")[1]["scorecard"] is None
    assert alphaforge(home, capsys, "data", "check", "perps")[1]["grade"] == "A"
    old = alphaforge(home, capsys, "data", "show", "perps", "--snapshot", checked["snapshot"])[1]
    assert old["scorecard"]["grade"] == "B"


def test_closes_that_differ_from_another_venue_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    frame = bars(("1000PEPEUSDT", "BTCUSDT", "ETHUSDT"))
    taken(home, capsys, frame, "ours")
    # Another spelling, a thousandth of the contract, and one bar 3 % off.
    is_pepe = pl.col("symbol") == "1000PEPEUSDT"
    prices = [
        pl.when(is_pepe).then(pl.col(name) / 1000).otherwise(name).alias(name)
        for name in ("open", "high", "low", "close")
    ]
    theirs = frame.with_columns(*prices).with_columns(
        (pl.col("close") * pl.when(pl.int_range(pl.len()) == 500).then(1.03).otherwise(1.0)).alias(
            "close"
        )
    )
    theirs = theirs.with_columns(
        pl.max_horizontal("high", "close").alias("high"),
        pl.col("symbol").replace(
            {"1000PEPEUSDT": "PEPE-USDT-SWAP", "BTCUSDT": "BTC-USDT-SWAP", "ETHUSDT": "SOLUSDT"}
        ),
    )
    taken(home, capsys, theirs, "theirs")
    code, compared = alphaforge(home, capsys, "data", "check", "ours", "--against", "theirs")
    assert code == 0
    rows = {row["symbol"]: row for row in compared["deviations"]}
    assert set(rows) == {"1000PEPEUSDT", "BTCUSDT"}
    assert rows["BTCUSDT"]["largest"] == pytest.approx(0.03, rel=1e-9)
    assert (rows["BTCUSDT"]["median"], rows["BTCUSDT"]["bars"]) == (0.0, 400)
    assert rows["1000PEPEUSDT"]["largest"] < 1e-12
    [finding] = compared["findings"]
    assert (finding["symbol"], finding["count"], finding["first"][:13]) == (
        "BTCUSDT",
        1,
        "2025-01-05T04",
    )
    assert any("ETHUSDT" in note for note in compared["notes"])
    words = ("data", "check", "ours", "--against", "theirs", "--threshold", "0.05")
    assert alphaforge(home, capsys, *words)[1]["findings"] == []


def test_a_comparison_that_means_nothing_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    taken(home, capsys, bars(), "hours")
    days = bars().with_columns(pl.col("ts").dt.epoch("s").sub(1735689600).mul(24).add(1735689600))
    taken(home, capsys, days.with_columns(pl.from_epoch("ts").dt.replace_time_zone("UTC")), "days")
    for words, message in (
        (("hours", "--against", "days"), "bars of 86400 s"),
        (("hours", "--against", "nothing"), "there is no dataset `nothing`"),
        (("hours", "--against", "hours", "--threshold", "0"), "a threshold is a fraction"),
    ):
        code, answer = alphaforge(home, capsys, "data", "check", *words)
        assert code > 0
        assert message in answer["message"]


@pytest.mark.real_data
def test_two_collectors_of_one_venue_agree_on_every_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    main, wide = (
        str(real_file(name))
        for name in (
            "open/binance_usdm_1h_2025.parquet",
            "nolicence/binance_usdm_1h_top80_2025_2026.parquet",
        )
    )
    alphaforge(home, capsys, "data", "import", main, "--name", "main")
    alphaforge(home, capsys, "data", "import", wide, "--name", "wide")
    _, compared = alphaforge(home, capsys, "data", "check", "main", "--against", "wide")
    assert len(compared["deviations"]) == 21
    assert {row["largest"] for row in compared["deviations"]} == {0.0}


def instants(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("event_ts").dt.cast_time_unit("us").alias("event_at"),
        pl.col("event_ts").dt.cast_time_unit("us").alias("available_at"),
        pl.col("local_ts").dt.epoch("ns").alias("received_ns"),
    )


def quotes_of(file: Path) -> pl.DataFrame:
    frame = instants(pl.read_parquet(file)).unique("update_id")
    return frame.select(
        "symbol",
        "event_at",
        "available_at",
        "update_id",
        pl.col("bid_px").alias("bid_price"),
        pl.col("bid_qty").alias("bid_quantity"),
        pl.col("ask_px").alias("ask_price"),
        pl.col("ask_qty").alias("ask_quantity"),
        "received_ns",
    )


def stored(home: Path, kind: str, frame: pl.DataFrame) -> None:
    table = frame.to_arrow()
    assert isinstance(table, pa.Table)
    Records(Lake(home / "lake", SystemClock()).root, SystemClock()).upsert(
        kind, "book", "binance", table
    )


@pytest.mark.real_data
def test_the_late_clock_of_the_book_recorder_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    stored(home, "quotes", quotes_of(real_file(TICKER)))
    trades = instants(pl.read_parquet(real_file(TRADES)))
    side = pl.when("buyer_is_maker").then(pl.lit("sell")).otherwise(pl.lit("buy")).alias("side")
    trades = trades.select(
        "symbol", "event_at", "available_at", pl.col("trade_id").cast(pl.String), "price",
        pl.col("qty").alias("quantity"), side, "received_ns",
    )  # fmt: skip
    stored(home, "trades", trades)
    depth = instants(pl.read_parquet(real_file(DEPTH))).select(
        "symbol", "event_at", "available_at", "first_update_id",
        pl.col("last_update_id").alias("update_id"), "prev_update_id",
        pl.col("side").replace({"bid": "buy", "ask": "sell"}),
        "price", pl.col("qty").alias("quantity"), "received_ns",
    )  # fmt: skip
    stored(home, "book_deltas", depth.unique(["update_id", "side", "price"]))
    code, checked = alphaforge(home, capsys, "data", "check", "book")
    assert (code, checked["snapshot"], checked["grade"]) == (0, "records", "C")
    assert {item["rule"] for item in checked["findings"]} == {"clock_offset"}
    messages = sorted(item["message"] for item in checked["findings"])
    assert len(messages) == 3
    assert any(
        "quotes: the recorder's clock is behind the venue's by 1270 ms" in m for m in messages
    )
    # Holes in what was recorded show: trades, a message of the book, a crossed quote.
    home = tmp_path / "holed"
    stored(home, "trades", trades.sort("event_at", "trade_id").with_row_index().filter(
        ~pl.col("index").is_between(1000, 1004)).drop("index"))  # fmt: skip
    lost = depth.get_column("update_id").unique().sort()[500]
    stored(
        home,
        "book_deltas",
        depth.unique(["update_id", "side", "price"]).filter(pl.col("update_id") != lost),
    )
    crossed = quotes_of(real_file(TICKER)).with_columns(at_row("bid_price", 70, 1e6))
    stored(home, "quotes", crossed)
    _, checked = alphaforge(home, capsys, "data", "check", "book")
    counts = {item["rule"]: item["count"] for item in checked["findings"]}
    assert (counts["trade_gap"], counts["chain_break"], counts["crossed_quote"]) == (5, 1, 1)


@pytest.mark.real_data
def test_trades_that_were_replayed_at_the_start_are_told(tmp_path: Path) -> None:
    file = real_file("open/hft_hyperliquid_btc_20250126_trades.parquet")
    frame = instants(pl.read_parquet(file)).select(
        "symbol", "event_at", "available_at", pl.col("trade_id").cast(pl.String), "price",
        pl.col("qty").alias("quantity"), pl.col("side").replace({"B": "buy", "A": "sell"}),
        "received_ns",
    )  # fmt: skip
    stored(tmp_path, "trades", frame)
    found = Lake(tmp_path / "lake", SystemClock()).check("book")
    assert "replayed" in {item.rule for item in found}
    assert "trade_gap" not in {item.rule for item in found}
