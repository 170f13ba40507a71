"""``data ingest files``: layouts of vendors and recorders, from this machine's disk."""

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake
from alphaforge.server.cli import run_command
from alphaforge.tests.archive_server import Site

AT = 1_735_689_600_000_000  # 2025-01-01, us
LEAD = "exchange,symbol,timestamp,local_timestamp"
OF = "binance-futures,BTCUSDT"


def ingest(
    home: Path, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, Any]]:
    code = run_command(
        ["data", "ingest", "files", "--name", "perps", *words, "--json", "--home", str(home)]
    )
    return code, json.loads(capsys.readouterr().out)


def rows(home: Path, kind: str) -> pl.DataFrame:
    return Lake(home / "lake", SystemClock()).records.scan(kind, "perps").collect()


def tardis(folder: Path, name: str, columns: str, *lines: str) -> str:
    text = "\n".join([f"{LEAD},{columns}", *(f"{OF},{line}" for line in lines)]) + "\n"
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return str(path)


def test_zips_of_the_archive_are_known_by_their_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = tmp_path / "ETHUSDT-1h-2025-01-01.zip"
    opens = [AT // 1000 + hour * 3_600_000 for hour in range(24)]
    hours = [f"{at},10,12,9,11,1,{at + 3_599_999},11,2,1,5,0" for at in opens]
    bars.write_bytes(Site().add_zip("x/y.zip", "\n".join(hours) + "\n"))
    trades = tmp_path / "ETHUSDT-aggTrades-2025-01-01.zip"
    trades.write_bytes(Site().add_zip("x/y.zip", f"9,10,2,7,8,{AT // 1000},true\n"))
    code, done = ingest(tmp_path, capsys, "--files", str(bars), str(trades))
    assert (code, done["inserted"], done["dead"]) == (0, 25, 0)
    assert rows(tmp_path, "bars").get_column("symbol").unique().to_list() == ["ETHUSDT"]
    assert rows(tmp_path, "trades").row(0, named=True)["side"] == "sell"
    code, again = ingest(tmp_path, capsys, "--files", str(bars), str(trades))
    assert (code, again["known"], again["requests"]) == (0, 2, 0)


def test_tardis_files_become_trades_books_quotes_and_marks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        tardis(tmp_path, "t.csv.gz", "id,side,price,amount", f"{AT},{AT + 5},7,sell,100.5,2"),
        tardis(
            tmp_path,
            "b.csv.gz",
            "is_snapshot,side,price,amount",
            f"{AT},{AT + 1},true,bid,99,1",
            f"{AT},{AT + 1},true,bid,100,1",
            f"{AT},{AT + 1},true,ask,101,3",
            f"{AT + 9},{AT + 10},false,ask,101,0",
            f"{AT + 9},{AT + 10},false,ask,102,5",
            f"{AT + 9},{AT + 10},false,ask,102,6",
        ),
        tardis(
            tmp_path,
            "q.csv",
            "ask_amount,ask_price,bid_price,bid_amount",
            f"{AT},{AT + 3},1,101,99,",
        ),
        tardis(
            tmp_path,
            "d.csv",
            "funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,"
            "index_price,mark_price",
            f"{AT},{AT + 3},,0.0001,,1000.5,100,99.5,100.5",
        ),
    ]
    code, done = ingest(tmp_path, capsys, "--files", *files)
    assert (code, done["dead_letters"]) == (0, [])
    trade = rows(tmp_path, "trades").row(0, named=True)
    assert (trade["trade_id"], trade["side"], trade["received_ns"]) == (
        "7",
        "sell",
        (AT + 5) * 1000,
    )
    assert trade["event_at"] == datetime(2025, 1, 1, tzinfo=UTC)
    book = rows(tmp_path, "book_snapshots").sort("side", "level")
    assert book.select("side", "level", "price").rows() == [
        ("buy", 0, 100.0),
        ("buy", 1, 99.0),
        ("sell", 0, 101.0),
    ]
    deltas = rows(tmp_path, "book_deltas").sort("price")
    assert deltas.select("price", "quantity", "prev_update_id").rows() == [
        (101.0, 0.0, AT + 1),
        (102.0, 6.0, AT + 1),
    ]
    quote = rows(tmp_path, "quotes").row(0, named=True)
    assert (quote["bid_price"], quote["bid_quantity"], quote["ask_price"]) == (99.0, None, 101.0)
    mark = rows(tmp_path, "marks").row(0, named=True)
    assert (mark["mark"], mark["index"]) == (100.5, 99.5)
    assert rows(tmp_path, "open_interest").row(0, named=True)["base"] == 1000.5
    assert set(rows(tmp_path, "trades").get_column("venue")) == {"binanceusdm"}


def npz(folder: Path, **more: Any) -> str:
    kinds = [("ev", "u8"), ("exch_ts", "i8"), ("local_ts", "i8"), ("px", "f8"), ("qty", "f8")]
    kinds += [("order_id", "u8"), ("ival", "i8"), ("fval", "f8")]
    buy, sell, both = 1 << 29, 1 << 28, (1 << 31) | (1 << 30)
    at = AT * 1000
    events = [
        (4 | buy | both, at, at + 1, 100.0, 1.0),
        (4 | sell | both, at, at + 1, 101.0, 2.0),
        (1 | sell | both, at + 5000, at + 6001, 101.0, 0.0),
        (2 | buy | both, at + 7000, at + 7500, 101.0, 0.5),
        (2 | buy | (1 << 31), at + 7000, at + 7500, 101.0, 0.5),  # For the exchange side alone.
    ]
    array = np.array([(*event, 0, 0, 0.0) for event in events], dtype=kinds)
    np.savez_compressed(folder / "btc.npz", data=array, **more)
    return str(folder / "btc.npz")


def test_hftbacktest_arrays_become_trades_and_books(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--venue", "binanceusdm", "--symbols", "BTCUSDT"]
    code, done = ingest(tmp_path, capsys, "--files", npz(tmp_path), *words)
    assert (code, done["dead_letters"], done["inserted"]) == (0, [], 4)
    trade = rows(tmp_path, "trades").row(0, named=True)
    assert (trade["side"], trade["quantity"], trade["received_ns"]) == (
        *("buy", 0.5),
        AT * 1000 + 7500,
    )
    delta = rows(tmp_path, "book_deltas").row(0, named=True)
    assert (delta["quantity"], delta["prev_update_id"]) == (0.0, AT * 1000 + 1)
    # Known from the microsecond after it came in.
    assert (delta["available_at"] - delta["event_at"]).microseconds == 2
    assert rows(tmp_path, "book_snapshots").height == 2


def objects_in_an_array() -> bytes:
    packed = io.BytesIO()
    np.savez(packed, data=np.array([{"a": 1}], dtype=object))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("x.npz", objects_in_an_array(), "holds objects"),
        ("x.csv.gz", gzip.compress(f"{LEAD},id\n".encode())[:-9], "cut off"),
        ("x.csv.gz", gzip.compress(b"0" * 200_000_000), "pack so tightly"),
        ("x.csv", f"{LEAD},nobody\n{OF},1,2,3\n".encode(), "no file of Tardis"),
        ("x.csv", f"{LEAD},id,side,price,amount\n{OF},{AT},{AT},1,up,1,1\n".encode(), "a side"),
        ("x.csv", f"{LEAD},id,side,price,amount\n{OF},{AT},{AT},1,buy,a,1\n".encode(), "`price`"),
        (
            "BTCUSDT-liquidationSnapshot-2025-01-01.zip",
            Site().add_zip("a/b.zip", "1\n"),
            "not read",
        ),
        ("x.bin", b"\x00\x01", "no layout that is known"),
    ],
    # The bytes hold times and would name each test anew.
    ids=["objects", "half", "bomb", "columns", "side", "price", "folder", "unknown"],
)
def test_F2_files_that_cannot_be_believed_store_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, body: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(body)
    words = ["--venue", "binanceusdm", "--symbols", "BTCUSDT"]
    code, done = ingest(tmp_path, capsys, "--files", str(tmp_path / name), *words)
    assert (code, done["dead"], done["inserted"]) == (1, 1, 0)
    assert message in done["dead_letters"][0]


def test_files_that_are_not_there_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = ingest(tmp_path, capsys, "--files", str(tmp_path / "no.csv"))
    assert (code, answer["code"]) == (1, "AF901")
    code, answer = ingest(tmp_path, capsys, "--start", "2025-01", "--symbols", "BTCUSDT")
    assert (code, "no file was named" in answer["message"]) == (2, True)
