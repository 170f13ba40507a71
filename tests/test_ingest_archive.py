"""``data ingest binance_archive`` against a local server with the public archive's layout."""

import io
import json
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake
from alphaforge.server.cli import run_command
from alphaforge.tests.archive_server import Site, serving

HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)
MONTH = "data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2025-01.zip"
JANUARY = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = 31 * 24


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as found:
        yield found


def klines(start: datetime, hours: int, *, scale: int = 1000, header: str = HEADER) -> str:
    rows = []
    for hour in range(hours):
        at = int((start + timedelta(hours=hour)).timestamp())
        close = 100 + hour % 7
        rows.append(
            f"{at * scale},100.5,{close + 2},99,{close},3.5,{(at + 3600) * scale - 1},"
            f"{close * 3.5},42,1.5,150,0"
        )
    return header + "\n".join(rows) + "\n"


def ingest(
    home: Path, site: Site, capsys: pytest.CaptureFixture[str], *more: str
) -> tuple[int, dict[str, Any]]:
    words = ["data", "ingest", "binance_archive", "--name", "perps", "--base-url", site.url]
    words += ["--symbols", "BTCUSDT", "--start", "2025-01", "--end", "2025-01", "--rate", "1000"]
    code = run_command([*words, *more, "--json", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out)


def rows(home: Path, kind: str) -> pl.DataFrame:
    records = Lake(home / "lake", SystemClock()).stores().records
    return records.scan(kind, "perps").collect().sort("symbol", "event_at")


def test_closed_months_come_as_months_with_their_funding(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.add_zip(MONTH, klines(JANUARY, HOURS))
    # The venue's own settlement stamps are some milliseconds late.
    at = int(JANUARY.timestamp()) * 1000
    site.add_zip(
        "data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2025-01.zip",
        "calc_time,funding_interval_hours,last_funding_rate\n"
        f"{at + 7},8,0.0001\n{at + 28_800_000},8,-0.00005\n",
    )
    code, done = ingest(tmp_path, site, capsys)
    assert (code, done["inserted"], done["dead"], done["requests"]) == (0, HOURS + 2, 0, 2)
    bars = rows(tmp_path, "bars")
    assert bars.height == HOURS
    assert bars.row(1, named=True)["event_at"] == JANUARY + timedelta(hours=1)
    assert bars.row(1, named=True)["available_at"] == JANUARY + timedelta(hours=2)
    assert (bars.item(1, "close"), bars.item(1, "trades"), bars.item(1, "quote_volume")) == (
        101.0,
        42,
        353.5,
    )
    funding = rows(tmp_path, "funding")
    assert funding.get_column("event_at").to_list() == [JANUARY, JANUARY + timedelta(hours=8)]
    assert funding.get_column("rate").to_list() == [0.0001, -0.00005]
    card = Lake(tmp_path / "lake", SystemClock()).card("perps")
    assert (card.rows, card.symbols, card.snapshot in done["snapshot"]) == (
        *(HOURS, ("BTCUSDT",)),
        True,
    )
    asked = site.asked.total()
    code, again = ingest(tmp_path, site, capsys)
    assert (code, again["requests"], again["known"], again["inserted"]) == (0, 0, 2, 0)
    assert site.asked.total() == asked


def test_a_month_without_a_file_comes_as_its_days(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in range(31):
        start = JANUARY + timedelta(days=day)
        path = f"data/futures/um/daily/klines/BTCUSDT/1h/BTCUSDT-1h-{start:%Y-%m-%d}.zip"
        if day != 4:
            # Without a header, in us: both are met in the archive.
            site.add_zip(path, klines(start, 24, scale=1_000_000, header=""))
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert (code, done["inserted"], done["requests"]) == (0, 30 * 24, 32)
    assert done["notes"] == ["2 requests found nothing at the source"]
    asked = site.asked.total()
    code, again = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert (code, again["requests"], site.asked.total()) == (0, 0, asked)


def test_what_breaks_on_the_way_is_tried_again_and_cut_downloads_go_on(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    body = site.add_zip(MONTH, klines(JANUARY, HOURS))
    site.faults[MONTH] = ["503", "cut", "after0"]
    site.faults[f"{MONTH}.CHECKSUM"] = ["500"]
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars", "--attempts", "6")
    assert (code, done["inserted"], done["attempts"]) == (0, HOURS, 5)
    assert site.ranges == [f"bytes={len(body) // 2}-"] * 2
    assert not list((tmp_path / "lake" / "ingest" / "parts").iterdir())


def test_F2_a_wrong_checksum_is_given_up_and_nothing_of_it_is_stored(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.add_zip(MONTH, klines(JANUARY, HOURS), checksum="0" * 64)
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars", "--attempts", "2")
    assert (code, done["dead"], done["inserted"]) == (1, 1, 0)
    assert site.asked[MONTH] == 2
    letters = (tmp_path / "lake" / "ingest" / "perps.dead.jsonl").read_text().splitlines()
    letter = json.loads(letters[0])
    assert (letter["key"], letter["code"], letter["payload"]) == (MONTH, "AF760", "")
    assert "checksum" in letter["message"]
    # Mended at the source, the same words bring it in.
    site.add_zip(MONTH, klines(JANUARY, HOURS))
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert (code, done["dead"], done["inserted"]) == (0, 0, HOURS)


def half_zip(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", text)
    return packed.getvalue()[: len(packed.getvalue()) // 2]


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("x.csv", b"0" * 200_000_000)
    return packed.getvalue()


def two_files() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../x.csv", "1")
        archive.writestr("y.csv", "2")
    return packed.getvalue()


def zipped(text: str) -> bytes:
    return Site().add_zip("a/b.zip", text)


@pytest.mark.parametrize(
    "case",
    [
        (half_zip(klines(JANUARY, 48)), "AF901", "cut off or damaged"),
        (bomb(), "AF901", "would become 200000000"),
        (two_files(), "AF901", "holds 2 files"),
        (b"<html>", "AF901", "cut off or damaged"),
        (zipped(klines(JANUARY, 3, header=HEADER.replace("count", "n"))), "AF762", "`n` new"),
        (zipped("1735689600000,1,2\n"), "AF762", "3 columns"),
        (zipped(klines(JANUARY, 3).replace("99,", "cheap,")), "AF762", "`low` holds a cell"),
        (zipped(klines(JANUARY, 2) + klines(JANUARY, 1, scale=1, header="")), "AF901", "mixes"),
        (
            zipped(klines(JANUARY, 2) + klines(JANUARY, 1, header="").replace(",42,", ",43,")),
            "AF901",
            "one key with different values",
        ),
    ],
    ids=["half", "bomb", "two", "html", "renamed", "short", "words", "units", "contradiction"],
)
def test_F2_a_payload_that_cannot_be_believed_is_kept_and_stores_nothing(
    tmp_path: Path,
    site: Site,
    capsys: pytest.CaptureFixture[str],
    case: tuple[bytes, str, str],
) -> None:
    body, code, message = case
    site.add_bytes(MONTH, body)
    exit_code, done = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert (exit_code, done["dead"], done["inserted"]) == (1, 1, 0)
    letter = json.loads((tmp_path / "lake" / "ingest" / "perps.dead.jsonl").read_text())
    assert letter["code"] == code
    assert message in letter["message"]
    assert Lake(tmp_path / "lake", SystemClock()).stores().objects.get(letter["payload"]) == body


def test_rows_sent_twice_and_out_of_order_are_told(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    late = klines(JANUARY + timedelta(hours=2), 2, header="")
    site.add_zip(MONTH, HEADER + late + klines(JANUARY, 3, header=""))
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert code == 1  # The hour at 02:00 is there with two closes.
    site.add_zip(MONTH, HEADER + late + klines(JANUARY, 2, header="") + late)
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert (code, done["inserted"]) == (0, 4)
    assert done["notes"] == [
        "2 rows were sent twice with equal values and are stored once",
        "1 rows came with an earlier time than the row before, and are stored in order",
    ]


def test_a_source_that_orders_a_long_pause_is_left_alone(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.add_zip(MONTH, klines(JANUARY, HOURS))
    site.faults[f"{MONTH}.CHECKSUM"] = ["after3600"]
    code, done = ingest(tmp_path, site, capsys, "--streams", "bars")
    assert (code, done["dead"]) == (1, 1)
    assert "pause of 3600 s" in done["dead_letters"][0]


TRADE_DAY = "2025-01-02"
OTHERS: dict[str, tuple[str, str, dict[str, object]]] = {
    "trades": (
        "trades",
        (
            "id,price,qty,quote_qty,time,is_buyer_maker\n7,100.5,2,201,1735776000123,true\n"
            "8,100.5,1,100.5,1735776000123,false\n"
        ),
        {"trade_id": "7", "price": 100.5, "quantity": 2.0, "side": "sell"},
    ),
    "agg_trades": (
        "aggTrades",
        "9,100.5,2,7,8,1735776000123,false\n",
        {"trade_id": "a9", "quantity": 2.0, "side": "buy"},
    ),
    "quotes": (
        "bookTicker",
        (
            "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,"
            "event_time\n5,99,1,101,2,1735776000123,1735776000130\n"
        ),
        {"update_id": 5, "bid_price": 99.0, "ask_quantity": 2.0},
    ),
    "open_interest": (
        "metrics",
        (
            "create_time,symbol,sum_open_interest,sum_open_interest_value,"
            "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,"
            "count_long_short_ratio,sum_taker_long_short_vol_ratio\n"
            f"{TRADE_DAY} 00:05:00,BTCUSDT,1000.5,99000,1,1,1,\n"
        ),
        {"base": 1000.5, "quote": 99000.0},
    ),
}


@pytest.mark.parametrize("stream", list(OTHERS))
def test_each_kind_of_file_becomes_its_record(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str], stream: str
) -> None:
    folder, text, row = OTHERS[stream]
    site.add_zip(f"data/futures/um/daily/{folder}/BTCUSDT/BTCUSDT-{folder}-{TRADE_DAY}.zip", text)
    words = ["--streams", stream, "--start", "2025-01-02", "--end", "2025-01-02"]
    code, done = ingest(tmp_path, site, capsys, *words)
    assert (code, done["dead"]) == (0, 0)
    kind = "trades" if stream == "agg_trades" else stream
    stored = rows(tmp_path, kind).row(0, named=True)
    assert {name: stored[name] for name in row} == row
    assert stored["available_at"] >= stored["event_at"]


@pytest.mark.parametrize(
    ("event", "fragment"), [("os.rename", "objects"), ("open", "records"), ("os.remove", ".part")]
)
def test_F1_a_killed_ingest_loses_nothing_and_doubles_nothing(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str], event: str, fragment: str
) -> None:
    february = MONTH.replace("2025-01", "2025-02")
    site.add_zip(MONTH, klines(JANUARY, HOURS))
    site.add_zip(february, klines(JANUARY + timedelta(days=31), 28 * 24))
    words = ["--streams", "bars", "--end", "2025-02", "--workers", "1"]
    dying = (
        "import os, signal, sys\n"
        "from alphaforge.server.cli import run_command\n"
        "event, fragment, *words = sys.argv[1:]\n"
        "def watch(name, args):\n"
        "    if name == event and any(fragment in str(arg) for arg in args):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.addaudithook(watch)\n"
        "run_command(words)\n"
    )
    command = ["data", "ingest", "binance_archive", "--name", "perps", "--base-url", site.url]
    command += ["--symbols", "BTCUSDT", "--start", "2025-01", *words, "--home", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", dying, event, fragment, *command], check=False, timeout=25
    )
    assert done.returncode == -signal.SIGKILL
    code, rest = ingest(tmp_path, site, capsys, *words)
    assert (code, rest["dead"]) == (0, 0)
    bars = rows(tmp_path, "bars")
    assert bars.height == HOURS + 28 * 24
    assert bars.select("symbol", "event_at").is_unique().all()


@pytest.mark.parametrize(
    "case",
    [
        (("--streams", "bars,marks"), 2, "has no `marks`"),
        (("--symbols", "../x"), 2, "is no symbol"),
        (("--start", "soon"), 1, "`soon` is no time"),
        (("--start", "2025-03"), 2, "not before"),
        (("--bar", "7m"), 1, "no bars of 7m"),
        (("--base-url", "file:///etc"), 1, "is not an address of the web"),
        (("--workers", "0"), 2, "above 0"),
    ],
)
def test_a_mistake_in_the_words_names_the_next_move(
    tmp_path: Path,
    site: Site,
    capsys: pytest.CaptureFixture[str],
    case: tuple[tuple[str, ...], int, str],
) -> None:
    words, code, message = case
    exit_code, answer = ingest(tmp_path, site, capsys, *words)
    assert exit_code == code
    assert message in answer["message"]
    assert answer["help"]
