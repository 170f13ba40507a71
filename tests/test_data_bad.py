"""Bad data at the user's door: no number without a statement of what it was computed without."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphaforge.server.cli import run_command

START = datetime(2025, 1, 1, tzinfo=UTC)
BARS = 24 * 30
NAMES = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT")
STRATEGY = """
strategy messy {
  data bad bar 1h
  universe top 5 by ts_mean(quote_volume, 5d), min_history 5d
  signal rank(-ts_sum(returns(close), 24h))
  portfolio long_short quantile 0.4, gross 1.0
  rebalance every 8h
  delay 1
  costs taker 5bp, slippage 2bp, funding on
  backtest 2025-01-15 .. 2025-01-28
}
"""
# What is done to the rows, and the words that every answer with a number must then say.
ROWS_SAID = {
    "nan price": "1 price_missing",
    "zero price": "2 price_not_positive",
    "twin": "1 duplicate,",
    "contradiction": "2 duplicate_conflict",
    "gap": "bars are missing amid the others: AAAUSDT, BBBUSDT, DDDUSDT, EEEUSDT",
}


def whole() -> pl.DataFrame:
    rng = np.random.default_rng(1)
    frames = []
    for name in NAMES:
        close = 100 * np.exp(0.01 * rng.standard_normal(BARS).cumsum())
        frames.append(
            pl.DataFrame(
                {
                    "ts": [START + timedelta(hours=bar) for bar in range(BARS)],
                    "symbol": name,
                    "open": close,
                    "high": close * 1.01,
                    "low": close * 0.99,
                    "close": close,
                    "volume": 10.0,
                    "funding_rate": [1e-4 if bar % 8 == 0 else None for bar in range(BARS)],
                }
            )
        )
    return pl.concat(frames)


def at(name: str, bar: int) -> pl.Expr:
    return (pl.col("symbol") == name) & (pl.col("ts") == START + timedelta(hours=bar))


def put(frame: pl.DataFrame, name: str, bar: int, column: str, value: float) -> pl.DataFrame:
    cell = pl.when(at(name, bar)).then(pl.lit(value)).otherwise(column)
    return frame.with_columns(cell.alias(column))


def bad() -> pl.DataFrame:
    """Return rows out of order with each fault that a file may have, all within the window."""
    frame = put(whole(), "AAAUSDT", 500, "close", float("nan"))
    frame = put(frame, "AAAUSDT", 501, "close", 0.0)
    frame = put(frame, "BBBUSDT", 502, "close", -3.0)
    frame = put(frame, "BBBUSDT", 503, "volume", float("nan"))
    frame = put(frame, "BBBUSDT", 504, "volume", -1.0)
    frame = put(frame, "CCCUSDT", 504, "funding_rate", float("nan"))
    hole = (pl.col("symbol") == "DDDUSDT") & pl.col("ts").is_between(
        START + timedelta(hours=600), START + timedelta(hours=610)
    )
    single = frame.filter(at("AAAUSDT", 5)).with_columns(symbol=pl.lit("ONEUSDT"))
    other = frame.filter(at("EEEUSDT", 511)).with_columns(pl.col("close") * 1.005)
    twin = frame.filter(at("DDDUSDT", 510))
    frame = pl.concat([frame.filter(~hole), single, other, twin])
    return frame.sample(fraction=1.0, shuffle=True, seed=3)


def alphaforge(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = run_command([*words, "--json", "--home", str(home)])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture(params=["bars.csv", "bars.parquet"])
def home(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Path:
    file, frame = tmp_path / request.param, bad()
    frame.write_csv(file) if file.suffix == ".csv" else frame.write_parquet(file)
    home = tmp_path / "home"
    code, card = alphaforge(home, capsys, "data", "import", str(file), "--name", "bad")
    assert code == 0
    said = "; ".join(card["notes"])
    for words in (*list(ROWS_SAID.values())[:4], "single bar: ONEUSDT", "cells of `volume`"):
        assert words.rstrip(",") in said
    return home


def test_the_check_of_bad_data_exits_with_one_and_names_each_fault(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, checked = alphaforge(home, capsys, "data", "check", "bad")
    assert code == 1
    assert {
        *("price_missing", "price_not_positive", "duplicate", "duplicate_conflict"),
        *("gap", "single_bar", "volume_missing", "funding_missing"),
    } <= {row["rule"] for row in checked["findings"]}


def test_values_of_bad_data_come_with_what_was_left_out(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(home / "values.parquet")
    words = ("-e", "ts_mean(volume, 3) + funding_rate", "--dataset", "bad", "--out", out)
    code, answer = alphaforge(home, capsys, "eval", *words)
    said = "; ".join(answer["notes"])
    assert code == 0
    assert [words for words in ROWS_SAID.values() if words not in said] == []
    assert "1 cells of `volume` are out of range" in said
    assert "symbols with a single bar: ONEUSDT" in said
    assert "missing settlements count as 0: CCCUSDT, DDDUSDT" in said
    assert run_command(["eval", *words, "--home", str(home)]) == 0
    shown = capsys.readouterr().out
    assert [note for note in answer["notes"] if f"note: {note}" not in shown] == []


def test_a_run_on_bad_data_says_it_in_its_answer_and_on_its_tear_sheet(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = home / "messy.af"
    text.write_text(STRATEGY)
    code, answer = alphaforge(home, capsys, "run", str(text), "--wait", "25")
    assert (code, answer["state"]) == (0, "completed"), answer
    said = "; ".join(answer["notes"])
    assert [words for words in ROWS_SAID.values() if words not in said] == []
    assert "symbols without a bar in the window: ONEUSDT" in said
    assert "missing settlements count as 0: CCCUSDT, DDDUSDT" in said
    (page,) = home.rglob("report.html")
    assert "2 duplicate_conflict" in page.read_text()


def test_a_sweep_on_bad_data_says_once_what_each_of_its_runs_would_say(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = home / "messy.af"
    swept = STRATEGY.replace("messy {", "messy {\n  param hours in [24h, 36h]")
    text.write_text(swept.replace("24h)", "hours)"))
    code, answer = alphaforge(home, capsys, "run", str(text), "--sweep", "--wait", "25")
    assert (code, answer["state"], answer["count"]) == (0, "completed", 2), answer
    said = "; ".join(answer["notes"])
    assert [words for words in ROWS_SAID.values() if said.count(words) != 1] == []
    assert "missing settlements count as 0: CCCUSDT, DDDUSDT" in said
    _, alone = alphaforge(home, capsys, "run", str(text), "--param", "hours=36h")
    assert alone["is_from_memory"]
    assert [note for note in alone["notes"] if note not in said] == []
    assert run_command(["run", str(text), "--sweep", "--home", str(home)]) == 0
    shown = capsys.readouterr().out
    assert [note for note in answer["notes"] if f"note: {note}" not in shown] == []


def test_the_order_of_the_rows_is_of_no_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = set()
    for name in ("sorted", "shuffled"):
        file = tmp_path / f"{name}.parquet"
        whole().sample(fraction=1.0, shuffle=name == "shuffled", seed=2).write_parquet(file)
        words = ("data", "import", str(file), "--name", name)
        found.add(alphaforge(tmp_path / "home", capsys, *words)[1]["snapshot"])
    assert len(found) == 1


def test_whole_data_say_nothing_of_holes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole().write_parquet(tmp_path / "whole.parquet")
    taken = ("data", "import", str(tmp_path / "whole.parquet"), "--name", "bad")
    alphaforge(tmp_path / "home", capsys, *taken)
    out = str(tmp_path / "values.parquet")
    words = ("eval", "-e", "ts_mean(close, 3)", "--dataset", "bad", "--out", out)
    assert alphaforge(tmp_path / "home", capsys, *words)[1]["notes"] == []


def test_E8_null_and_nan_of_a_file_are_one_thing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    frame = whole()
    for name, hole in {"null": None, "nan": float("nan"), "none": 1.0}.items():
        cells = pl.when(at("AAAUSDT", 500)).then(pl.lit(hole)).otherwise("volume")
        frame.with_columns(cells.alias("volume")).write_parquet(tmp_path / f"{name}.parquet")
        words = ("data", "import", str(tmp_path / f"{name}.parquet"), "--name", name)
        code, found[name] = alphaforge(tmp_path / "home", capsys, *words)
        assert code == 0
    assert found["null"]["snapshot"] == found["nan"]["snapshot"] != found["none"]["snapshot"]
    assert found["null"]["notes"] == found["nan"]["notes"]
