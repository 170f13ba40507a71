"""``alphaforge data``: what a person or an agent sees, with exit codes, through the gate."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.core.journal import Journal
from alphaforge.server.cli import run_command
from alphaforge.tests.helpers import real_file

START = datetime(2025, 1, 1, tzinfo=UTC)


def bars_file(folder: Path, *, close: float = 11.0) -> Path:
    hours = [START + timedelta(hours=hour) for hour in range(48)]
    frame = pl.DataFrame(
        {
            "ts": hours,
            "symbol": "BTCUSDT",
            "open": 10.5,
            "high": 12.0,
            "low": 10.0,
            "close": close + (pl.int_range(48, eager=True) % 5) * 0.01,
            "volume": 3.0,
        }
    )
    frame.write_csv(folder / "bars.csv")
    return folder / "bars.csv"


def alphaforge(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run_command([*words, "--json", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out)


def test_a_file_is_imported_listed_shown_and_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file = tmp_path / "home", str(bars_file(tmp_path))
    code, card = alphaforge(home, capsys, "data", "import", file, "--name", "perps")
    assert (code, card["rows"], card["bar_seconds"]) == (0, 48, 3600)
    code, again = alphaforge(home, capsys, "data", "import", file, "--name", "perps")
    assert (code, again) == (0, card)
    code, listed = alphaforge(home, capsys, "data", "list")
    assert [(row["name"], row["symbols"]) for row in listed["datasets"]] == [("perps", 1)]
    code, shown = alphaforge(home, capsys, "data", "show", "perps")
    assert (code, shown["snapshot"]) == (0, card["snapshot"])
    assert {row["field"]: row["high"] for row in shown["summary"]}["high"] == 12.0
    code, checked = alphaforge(home, capsys, "data", "check", "perps")
    assert (code, checked["errors"], checked["findings"]) == (0, 0, [])


def test_a_check_with_errors_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file = tmp_path / "home", bars_file(tmp_path)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[5].replace("10.0", "11.9", 1)]))
    assert alphaforge(home, capsys, "data", "import", str(file), "--name", "perps")[0] == 0
    code, checked = alphaforge(home, capsys, "data", "check", "perps")
    assert (code, checked["errors"]) == (1, 1)
    assert [row["rule"] for row in checked["findings"]] == ["ohlc_order"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("show", "prps"), "AF404", "there is no dataset `prps`"),
        (("show", "../perps"), "AF901", "`../perps` is not a dataset name"),
        (("check", "perps", "--snapshot", "snap_0"), "AF404", "has no snapshot `snap_0`"),
        (("import", "/nowhere.parquet", "--name", "x"), "AF901", "there is no file"),
    ],
)
def test_a_mistake_names_the_next_move(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: str,
    message: str,
) -> None:
    file = str(bars_file(tmp_path))
    alphaforge(tmp_path / "home", capsys, "data", "import", file, "--name", "perps")
    exit_code, answer = alphaforge(tmp_path / "home", capsys, "data", *words)
    assert (exit_code, answer["code"]) == (1, code)
    assert message in answer["message"]
    assert answer["help"]


def test_every_verb_is_judged_and_journalled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file = tmp_path / "home", str(bars_file(tmp_path))
    alphaforge(home, capsys, "data", "import", file, "--name", "perps")
    alphaforge(home, capsys, "data", "show", "perps")
    journal = Journal(home / "audit" / "journal.db", SystemClock())
    text = json.dumps([entry.body for entry in journal.entries()], default=str)
    journal.close()
    assert "data.import" in text
    assert "data.read" in text


def test_people_get_one_line_a_dataset_and_the_notes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file = str(tmp_path / "home"), str(bars_file(tmp_path))
    assert run_command(["data", "list", "--home", home]) == 0
    assert "no dataset yet" in capsys.readouterr().out
    assert run_command(["data", "import", file, "--name", "perps", "--home", home]) == 0
    out = capsys.readouterr().out
    assert out.startswith("perps: 1 symbols, 48 bars of 1h, 2025-01-01T00:00 to 2025-01-02T23:00")
    assert "note: survivorship" in out


@pytest.mark.real_data
def test_the_real_panel_goes_in_as_the_readme_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(real_file("open/binance_usdm_1h_2025.parquet"))
    code, card = alphaforge(tmp_path, capsys, "data", "import", file, "--name", "perps_1h")
    assert (code, len(card["symbols"]), card["rows"]) == (0, 22, 145728)
    code, checked = alphaforge(tmp_path, capsys, "data", "check", "perps_1h")
    assert (code, checked["errors"]) == (0, 0)
    assert checked["warnings"] > 0


def test_an_import_says_what_the_instruments_are_and_who_belongs_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = tmp_path / "groups.csv"
    groups.write_text("symbol,from,sector\nBTCUSDT,2020-01-01,coins\nBTCUSDT,2025-01-02,gold\n")
    words = ["--venue", "binance", "--settle", "USDT", "--asset-class", "future"]
    code, card = alphaforge(
        tmp_path,
        capsys,
        *("data", "import", str(bars_file(tmp_path)), "--name", "btc"),
        *(*words, "--calendar", "24x7", "--groups", str(groups)),
    )
    assert code == 0
    (info,) = card["instruments"]
    assert (info["base"], info["quote"], info["settle"]) == ("BTC", "USDT", "USDT")
    assert (info["asset_class"], info["calendar"], info["venue"]) == ("future", "24x7", "binance")
    assert card["labels"] == [["sector", ["coins", "gold"]]]
    assert run_command(["data", "show", "btc", "--home", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "1 future settled in USDT, 24x7, on binance" in shown
    assert "sector: coins gold" in shown
    code, checked = alphaforge(tmp_path, capsys, "data", "check", "btc")
    assert "content_changed" not in {item["rule"] for item in checked["findings"]}


def test_a_simulated_market_is_a_data_set_of_its_seed_and_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    small = ("--coins", "6", "--days", "90")
    cards = {}
    for name, words in {
        "sim": ("--seed", "5"),
        "again": ("--seed", "5"),
        "other": ("--seed", "6"),
        "futures": ("--seed", "5", "--dated"),
    }.items():
        code, cards[name] = alphaforge(
            home, capsys, "data", "simulate", "--name", name, *small, *words
        )
        assert code == 0
    assert cards["sim"]["snapshot"] == cards["again"]["snapshot"] != cards["other"]["snapshot"]
    assert all(card["is_synthetic"] for card in cards.values())
    dated = cards["futures"]["symbols"]
    assert "SIM00USDT_240131" in dated
    assert len(dated) > 2 * len(cards["sim"]["symbols"])
    code, told = alphaforge(home, capsys, "data", "simulate", "--name", "x", "--seed", "-1")
    assert code == 2
    assert "a seed from 0 on" in told["message"]
