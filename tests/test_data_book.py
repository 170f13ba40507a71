"""``alphaforge data import --kind`` and ``data book``: order books out of records."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphaforge.data.books.rebuild import rebuild
from alphaforge.server.cli import run_command
from alphaforge.tests.helpers import real_file

BINANCE_BOOK = {
    "book_deltas": "open/hft_binance_usdm_btcusdt_20240808_depth_updates.parquet",
    "book_snapshots": "open/hft_binance_usdm_btcusdt_20240808_depth_snapshot.parquet",
    "quotes": "open/hft_binance_usdm_btcusdt_20240808_book_ticker.parquet",
}
START_US = 1_735_689_600_000_000
MESSAGES = 60


def alphaforge(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run_command([*words, "--json", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out)


def messages(rng: np.random.Generator) -> Iterator[tuple[int, list[tuple[str, float, float]]]]:
    """Make changes of levels around 100; bids stay below 100 and asks above."""
    for number in range(1, MESSAGES + 1):
        levels = []
        for side, away in (("buy", -1), ("sell", 1)):
            ticks = rng.choice(np.arange(1, 12), size=3, replace=False)
            levels += [
                (side, 100.0 + away * float(tick), float(rng.integers(0, 4))) for tick in ticks
            ]
        yield number, levels


def book_files(folder: Path, *, without: int = 0) -> pl.DataFrame:
    """Write a snapshot, its changes but for one, and the quotes after each; return the quotes."""
    book = {"buy": {99.0: 1.0, 50.0: 1.0}, "sell": {101.0: 1.0, 150.0: 1.0}}
    shot = [
        {"update_id": 0, "side": side, "price": price, "quantity": quantity, "event_at": START_US}
        for side, levels in book.items()
        for price, quantity in levels.items()
    ]
    rows, quotes = [], []
    for number, levels in messages(np.random.default_rng(7)):
        at = START_US + number * 1000
        for side, price, quantity in levels:
            book[side].pop(price, None)
            if quantity:
                book[side][price] = quantity
            if number != without:
                rows.append(
                    {
                        "first_update_id": number,
                        "update_id": number,
                        "prev_update_id": number - 1,
                        "side": side,
                        "price": price,
                        "quantity": quantity,
                        "event_at": at,
                    }
                )
        bid, ask = max(book["buy"]), min(book["sell"])
        quotes.append(
            {
                "update_id": number,
                "event_at": at,
                "bid_price": bid,
                "bid_quantity": book["buy"][bid],
                "ask_price": ask,
                "ask_quantity": book["sell"][ask],
            }
        )
    for name, table in (("book_snapshots", shot), ("book_deltas", rows), ("quotes", quotes)):
        frame = pl.DataFrame(table).with_columns(pl.lit("XUSDT").alias("symbol"))
        frame.write_csv(folder / f"{name}.csv")
    return pl.DataFrame(quotes)


def imported(home: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("book_snapshots", "book_deltas", "quotes"):
        words = ("--name", "books", "--venue", "binance", "--kind", kind)
        code, said = alphaforge(home, capsys, "data", "import", str(folder / f"{kind}.csv"), *words)
        assert code == 0, said
        assert said["kinds"][kind]["inserted"] > 0


def test_a_book_is_rebuilt_and_its_quotes_are_the_published_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quotes = book_files(tmp_path)
    imported(tmp_path / "home", tmp_path, capsys)
    code, book = alphaforge(tmp_path / "home", capsys, "data", "book", "books", "--symbol", "XUSDT")
    assert (code, book["breaks"], book["is_chained"]) == (0, [], True)
    assert book["quotes"] == {"shared": MESSAGES, "equal": MESSAGES, "first_other": None}
    last = quotes.row(-1, named=True)
    assert book["bids"][0] == [last["bid_price"], last["bid_quantity"]]
    assert book["asks"][0] == [last["ask_price"], last["ask_quantity"]]
    at = "2025-01-01T00:00:00.010Z"
    _, early = alphaforge(
        tmp_path / "home", capsys, "data", "book", "books", "--symbol", "XUSDT", "--at", at
    )
    assert early["messages"] == 9
    assert early["bids"][0][0] == quotes.row(8, named=True)["bid_price"]


def test_a_missing_message_is_named_and_no_quote_is_given_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book_files(tmp_path, without=20)
    imported(tmp_path / "home", tmp_path, capsys)
    code, book = alphaforge(tmp_path / "home", capsys, "data", "book", "books", "--symbol", "XUSDT")
    assert code == 1
    assert book["breaks"] == [{"update_id": 21, "expected": 19, "found": 20}]
    assert book["quotes"]["shared"] == book["quotes"]["equal"] == 19


def test_a_snapshot_after_a_break_makes_the_book_whole_again(tmp_path: Path) -> None:
    quotes = book_files(tmp_path, without=20)
    deltas = pl.read_csv(tmp_path / "book_deltas.csv")
    first = pl.read_csv(tmp_path / "book_snapshots.csv")
    whole = rebuild(first, book_deltas_without_hole(tmp_path))
    again = [
        {"update_id": 40, "side": side, "price": price, "quantity": quantity, "event_at": 0}
        for side, levels in (("buy", whole.book.bids.levels), ("sell", whole.book.asks.levels))
        for price, quantity in levels.items()
    ]
    second = pl.DataFrame(again)
    rebuilt = rebuild(pl.concat([first.select(second.columns), second]), deltas)
    numbers = rebuilt.quotes.get_column("update_id").to_list()
    assert numbers == [*range(20), *range(40, MESSAGES + 1)]
    last = quotes.row(-1, named=True)
    assert rebuilt.quotes.row(-1, named=True)["bid_price"] == last["bid_price"]


def book_deltas_without_hole(folder: Path) -> pl.DataFrame:
    """Return the changes up to message 40, all of them."""
    book_files(folder)
    return pl.read_csv(folder / "book_deltas.csv").filter(pl.col("update_id") <= 40)


@pytest.mark.real_data
def test_the_real_book_has_no_break_and_the_quotes_of_the_ticker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, name in BINANCE_BOOK.items():
        words = ("--name", "hft", "--venue", "binance", "--kind", kind)
        code, said = alphaforge(tmp_path, capsys, "data", "import", str(real_file(name)), *words)
        assert code == 0, said
    code, book = alphaforge(tmp_path, capsys, "data", "book", "hft", "--symbol", "BTCUSDT")
    assert (code, book["breaks"], book["is_chained"], book["crossed"]) == (0, [], True, 0)
    assert book["messages"] + book["unplaced"] == 6551
    assert book["quotes"]["equal"] == book["quotes"]["shared"] == 629


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("venue", "name", "counts"),
    [
        (
            "binance",
            "open/raw_ws/BINANCE_FUTURES.ws.1.0.txt.gz",
            {"bars": 4, "book_deltas": 6297, "quotes": 613, "trades": 91},
        ),
        (
            "bybit",
            "open/raw_ws/BYBIT.ws.26.0.txt.gz",
            {"book_deltas": 2552, "book_snapshots": 100, "trades": 150},
        ),
    ],
)
def test_recorded_websocket_text_becomes_records_once(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    venue: str,
    name: str,
    counts: dict[str, int],
) -> None:
    words = (str(real_file(name)), "--name", "ws", "--venue", venue, "--kind", "recording")
    code, first = alphaforge(tmp_path, capsys, "data", "import", *words)
    assert (code, first["notes"]) == (0, [])
    assert {kind: done["inserted"] for kind, done in first["kinds"].items()} == counts
    _, again = alphaforge(tmp_path, capsys, "data", "import", *words)
    assert {kind: done["unchanged"] for kind, done in again["kinds"].items()} == counts


def test_lines_that_are_no_message_are_counted_and_a_cut_file_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trade = '{"e":"aggTrade","T":1735689600000,"s":"XUSDT","a":1,"p":"10.5","q":"2","m":true}'
    text = f"wss://host <-> 1.5\n1735689600.25: {trade}\nnonsense\n1735689601.5: [1]\n"
    whole, cut = tmp_path / "a.txt.gz", tmp_path / "b.txt.gz"
    later = trade.replace('"a":1', '"a":2')
    parts = (text, f"1735689602.5: {later}\n")
    whole.write_bytes(b"".join(gzip.compress(part.encode()) for part in parts))
    cut.write_bytes(whole.read_bytes()[:-9])
    words = ("--name", "ws", "--venue", "binance", "--kind", "recording")
    code, said = alphaforge(tmp_path / "home", capsys, "data", "import", str(cut), *words)
    assert (code, said["message"]) == (1, "the recorded text is cut off or damaged")
    code, said = alphaforge(tmp_path / "home", capsys, "data", "import", str(whole), *words)
    assert (code, said["kinds"]["trades"]["inserted"]) == (0, 2)
    assert said["notes"] == ["2 lines are no message, the first is line 3"]


def test_a_known_message_without_its_fields_is_named_by_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.txt"
    file.write_text('wss://host <-> 1.5\n1735689600.25: {"e":"aggTrade","T":1735689600000}\n')
    words = ("--name", "ws", "--venue", "binance", "--kind", "recording")
    code, said = alphaforge(tmp_path / "home", capsys, "data", "import", str(file), *words)
    assert (code, said["code"]) == (1, "AF762")
    assert "line 2" in said["message"]
    code, listed = alphaforge(tmp_path / "home", capsys, "data", "list")
    assert (code, listed["records"]) == (0, [])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--kind", "trade", "--venue", "binance"), "trade"),
        (("--kind", "trades"), "--venue"),
        (("--kind", "trades", "--venue", "binance"), "trade_id"),
        (("--kind", "recording", "--venue", "nyse"), "nyse"),
    ],
)
def test_what_cannot_be_records_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text("event_at,symbol,price,quantity,side\n2025-01-01T00:00:00Z,X,1,1,buy\n")
    code, said = alphaforge(
        tmp_path / "home", capsys, "data", "import", str(file), "--name", "x", *words
    )
    assert code in {1, 2}
    assert message in said["message"]
