"""``data ingest`` from exchanges over REST, against a local server that answers as they do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ccxt  # noqa: F401  # Its import takes seconds, which are no test's own.
import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake
from alphaforge.server.cli import run_command
from alphaforge.tests.exchange_server import FIRST, NAMES, Exchange, trading

JANUARY = datetime(2025, 1, 1, tzinfo=UTC)
# The path of bars, and their rows in five days from the market's first.
BARS = {
    "binanceusdm": "/klines",
    "bybit": "/kline",
    "okx": "candles",
    "hyperliquid": "candleSnapshot",
}


@pytest.fixture(params=list(NAMES))
def exchange(request: pytest.FixtureRequest) -> Iterator[Exchange]:
    with trading(request.param) as found:
        yield found


@pytest.fixture
def binance() -> Iterator[Exchange]:
    with trading("binanceusdm") as found:
        yield found


def ingest(
    home: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Any]]:
    words = ["data", "ingest", exchange.name, "--name", "perps", "--base-url", exchange.url]
    words += ["--symbols", NAMES[exchange.name], "--start", "2025-01-01", "--end", "2025-01-05"]
    code = run_command([*words, "--rate", "1000", *more, "--json", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out)


def rows(home: Path, kind: str) -> pl.DataFrame:
    records = Lake(home / "lake", SystemClock()).stores().records
    return records.scan(kind, "perps").collect().sort("symbol", "event_at")


def test_bars_and_funding_come_page_by_page_from_every_exchange(
    tmp_path: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    code, done = ingest(tmp_path, exchange, capsys)
    assert (code, done["dead_letters"]) == (0, [])
    bars = rows(tmp_path, "bars").filter(pl.col("event_at") < JANUARY + timedelta(days=5))
    assert bars.get_column("event_at").to_list() == [
        JANUARY + timedelta(hours=hour) for hour in range(120)
    ]
    assert bars.get_column("symbol").unique().to_list() == [NAMES[exchange.name]]
    first = bars.row(0, named=True)
    assert [first[name] for name in ("open", "high", "low", "close", "volume")] == [
        *(100.5, 102.0 + FIRST // 3_600_000 % 7, 99.0, 100.0 + FIRST // 3_600_000 % 7),
        3.5,
    ]
    funding = rows(tmp_path, "funding").filter(pl.col("event_at") < JANUARY + timedelta(days=5))
    assert funding.get_column("event_at").to_list() == [
        JANUARY + timedelta(hours=8 * number) for number in range(15)
    ]
    assert funding.get_column("rate").unique().to_list() == [0.0001]
    asked = len(exchange.asked)
    code, again = ingest(tmp_path, exchange, capsys)
    assert (code, again["inserted"], again["revised"], again["requests"]) == (0, 0, 0, 0)
    assert len(exchange.asked) == asked


def test_instruments_trades_and_open_interest_come_in_one_unit(
    tmp_path: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    streams = ["instruments", "trades", "open_interest"][: 2 + (exchange.name != "hyperliquid")]
    now = datetime.now(UTC)  # noqa: TID251  # Recent trades are those of today.
    span = ["--start", f"{now - timedelta(hours=3):%Y-%m-%dT%H:%MZ}", "--end", ""]
    code, done = ingest(tmp_path, exchange, capsys, "--streams", ",".join(streams), *span)
    assert (code, done["dead_letters"]) == (0, [])
    contract = rows(tmp_path, "instruments").row(0, named=True)
    assert (contract["symbol"], contract["base"], contract["settle"], contract["status"]) == (
        *(NAMES[exchange.name], "BTC"),
        *("USDC" if exchange.name == "hyperliquid" else "USDT", "trading"),
    )
    assert contract["multiplier"] == (0.01 if exchange.name == "okx" else 1.0)
    trades = rows(tmp_path, "trades")
    assert trades.height >= 10
    assert set(trades.get_column("quantity")) == {2.0}
    assert set(trades.get_column("side")) <= {"buy", "sell"}
    assert trades.get_column("trade_id").is_unique().all()
    if "open_interest" in streams:
        assert set(rows(tmp_path, "open_interest").get_column("base")) == {1000.5}


def test_a_busy_or_broken_exchange_is_asked_again(
    tmp_path: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange.faults[BARS[exchange.name]] = ["429:1", "503", "cut"]
    code, done = ingest(tmp_path, exchange, capsys, "--streams", "bars", "--workers", "1")
    assert (code, done["dead"]) == (0, 0)
    assert done["attempts"] == done["requests"] + 3
    assert rows(tmp_path, "bars").get_column("event_at").min() == JANUARY


@pytest.mark.parametrize("name", ["binanceusdm", "bybit", "okx"])
def test_half_a_page_is_asked_on_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with trading(name) as exchange:
        exchange.faults[BARS[name]] = ["half", "half", ""]
        code, done = ingest(tmp_path, exchange, capsys, "--streams", "bars", "--workers", "1")
    assert (code, done["dead"]) == (0, 0)
    bars = rows(tmp_path, "bars")
    gaps = bars.get_column("event_at").diff().drop_nulls().unique().to_list()
    assert gaps == [timedelta(hours=1)]
    assert bars.get_column("event_at").is_unique().all()


@pytest.mark.parametrize(
    "case",
    [
        ("back", "AF763", "rows lie before"),
        ("short", "AF762", "lacks `close`"),
        ("moved", "AF762", "lacks `ts`"),
    ],
)
def test_F2_answers_of_another_shape_or_time_are_given_up_and_kept(
    tmp_path: Path,
    binance: Exchange,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, str, str],
) -> None:
    fault, code, message = case
    binance.faults["/klines"] = [fault]
    exit_code, done = ingest(tmp_path, binance, capsys, "--streams", "bars", "--workers", "1")
    assert (exit_code, done["dead"]) == (1, 1)
    letters = (tmp_path / "lake" / "ingest" / "perps.dead.jsonl").read_text().splitlines()
    letter = json.loads(letters[0])
    assert letter["code"] == code
    assert message in letter["message"]
    objects = Lake(tmp_path / "lake", SystemClock()).stores().objects
    assert json.loads(objects.get(letter["payload"]))["responses"]
    # The exchange answers as it should again: the same words bring the rest.
    exit_code, done = ingest(tmp_path, binance, capsys, "--streams", "bars")
    assert (exit_code, done["dead"]) == (0, 0)
    assert rows(tmp_path, "bars").get_column("event_at").min() == JANUARY


def test_F2_fields_that_were_renamed_are_no_zeros(
    tmp_path: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    path = {"binanceusdm": "/fundingRate", "bybit": "/funding/history"}
    path |= {"okx": "/funding-rate-history", "hyperliquid": "fundingHistory"}
    exchange.faults[path[exchange.name]] = ["renamed"]
    code, done = ingest(tmp_path, exchange, capsys, "--streams", "funding", "--workers", "1")
    assert (code, done["dead"]) == (1, 1)
    assert "AF762" in done["dead_letters"][0]


def test_rows_sent_twice_are_stored_once_and_the_open_bar_is_cut(
    tmp_path: Path, binance: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    binance.faults["/klines"] = ["twice"]
    now = datetime.now(UTC)  # noqa: TID251  # The bar that is open now.
    start = f"{now - timedelta(hours=5):%Y-%m-%dT%H:%MZ}"
    code, done = ingest(
        tmp_path, binance, capsys, "--streams", "bars", "--start", start, "--end", ""
    )
    assert (code, done["dead"]) == (0, 0)
    assert "3 rows were sent twice with equal values and are stored once" in done["notes"]
    assert "1 bars were not over and were cut" in done["notes"]
    last = rows(tmp_path, "bars").get_column("event_at").max()
    assert last == now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)


def test_a_symbol_that_is_not_there_says_how_to_find_it(
    tmp_path: Path, binance: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    code, done = ingest(tmp_path, binance, capsys, "--symbols", "BTC/USDT:USDT")
    assert (code, done["inserted"]) == (1, 0)
    assert "has no contract `BTC/USDT:USDT`" in done["dead_letters"][0]


def tail(
    home: Path, exchange: Exchange, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Any]]:
    # Windows are of 1000 hours: the one that is open now, and the one before.
    hours = int(datetime.now(UTC).timestamp()) // 3_600_000 * 1000 - 1000  # noqa: TID251  # A tail ends now.
    start = datetime.fromtimestamp(hours * 3600, UTC)
    words = ["data", "tail", exchange.name, "--name", "perps", "--base-url", exchange.url]
    words += ["--symbols", NAMES[exchange.name], "--start", start.isoformat(), "--rate", "1000"]
    words += ["--streams", "bars", "--every", "0s", "--json", "--home", str(home)]
    code = run_command([*words, *more])
    return code, json.loads(capsys.readouterr().out)


def test_a_tail_goes_on_until_now_and_fills_the_gaps_that_an_outage_left(
    tmp_path: Path, binance: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    binance.faults["/klines"] = ["hole"]
    code, done = tail(tmp_path, binance, capsys, "--rounds", "2", "--workers", "1")
    assert (code, done["rounds"], done["dead"]) == (0, 2, 0)
    assert (done["gaps_filled"], done["gaps"]) == (1, [])
    bars = rows(tmp_path, "bars")
    assert bars.get_column("event_at").diff().drop_nulls().unique().to_list() == [
        timedelta(hours=1)
    ]
    now = datetime.now(UTC)  # noqa: TID251  # As above.
    assert now - bars.get_column("event_at").to_list()[-1] < timedelta(hours=2, minutes=1)


def test_a_gap_that_stays_is_told_and_not_asked_for_for_ever(
    tmp_path: Path, binance: Exchange, capsys: pytest.CaptureFixture[str]
) -> None:
    binance.faults["/klines"] = ["hole"] * 20
    code, done = tail(tmp_path, binance, capsys, "--rounds", "3", "--workers", "1")
    assert (code, done["gaps_filled"]) == (0, 0)
    assert [gap["bars"] for gap in done["gaps"]] == [3] * len(done["gaps"])
    assert done["gaps"]
    assert done["requests"] <= 12
