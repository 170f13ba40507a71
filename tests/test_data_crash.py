"""Imports that die, and imports that meet: the card always names a whole table."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.core.errors import ConflictError
from alphaforge.data import Lake
from alphaforge.data.locks import only_writer

START = datetime(2025, 1, 1, tzinfo=UTC)

# The process kills itself at an audit event that names a path; no part of ours is replaced.
DYING = """
import os, signal, sys
from pathlib import Path
from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake

root, file, event, fragment = sys.argv[1:]

def watch(name, args):
    if name == event and any(fragment in str(arg) for arg in args):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
Lake(Path(root), SystemClock()).import_file(Path(file), "perps")
"""
IMPORTING = """
import sys
from pathlib import Path
from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake

root, *files = sys.argv[1:]
for file in files:
    Lake(Path(root), SystemClock()).import_file(Path(file), "perps")
"""


def write_bars(path: Path, price: float) -> Path:
    hours = [START + timedelta(hours=hour) for hour in range(48)]
    pl.DataFrame({"ts": hours, "symbol": "BTCUSDT", "close": price}).write_parquet(path)
    return path


def first_close(lake: Lake, snapshot: str = "") -> float:
    return float(lake.panel("perps", ["close"], snapshot=snapshot).fields["close"][0, 0])


@pytest.mark.parametrize(
    ("event", "fragment", "tables"),
    [
        ("sqlite3.connect", "perps.db", 1),
        ("open", "perps.json", 1),
        ("open", "_delta_log", 2),
        ("open", ".perps.draft", 2),
        ("os.rename", "perps.json", 2),
    ],
)
def test_a_killed_import_leaves_the_old_dataset_whole(
    tmp_path: Path, event: str, fragment: str, tables: int
) -> None:
    root = tmp_path / "lake"
    lake = Lake(root, SystemClock())
    old = lake.import_file(write_bars(tmp_path / "old.parquet", 1.0), "perps")
    new = write_bars(tmp_path / "new.parquet", 2.0)
    command = [sys.executable, "-c", DYING, str(root), str(new), event, fragment]
    done = subprocess.run(command, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list((root / "tables").rglob("*.parquet"))) == tables
    assert lake.card("perps") == old
    assert first_close(lake) == 1.0
    card = lake.import_file(new, "perps")
    assert first_close(lake) == 2.0
    assert first_close(lake, old.snapshot) == 1.0
    assert [item.snapshot for item in card.versions()] == [old.snapshot, card.snapshot]


def test_a_first_import_that_dies_leaves_no_dataset(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    new = write_bars(tmp_path / "new.parquet", 2.0)
    command = [sys.executable, "-c", DYING, str(root), str(new), "os.rename", "perps.json"]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    lake = Lake(root, SystemClock())
    assert lake.cards() == []
    lake.import_file(new, "perps")
    assert first_close(lake) == 2.0


def test_two_processes_that_import_at_once_lose_nothing(tmp_path: Path) -> None:
    root = tmp_path / "lake"
    files = [str(write_bars(tmp_path / f"{price}.parquet", price)) for price in range(1, 7)]
    children = [
        subprocess.Popen([sys.executable, "-c", IMPORTING, str(root), *part])
        for part in (files[:3], files[3:])
    ]
    assert [child.wait(timeout=25) for child in children] == [0, 0]
    lake = Lake(root, SystemClock())
    versions = lake.card("perps").versions()
    prices = {first_close(lake, card.snapshot) for card in versions}
    assert prices == {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}
    assert len({card.table_version for card in versions}) == 6


def test_a_lock_that_is_held_is_waited_for_no_longer_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alphaforge.core.sqlite.BUSY_MS", 50)
    with (
        only_writer(tmp_path, "perps"),
        pytest.raises(ConflictError, match="still writing"),
        only_writer(tmp_path, "perps"),
    ):
        pass
    with only_writer(tmp_path, "perps"), only_writer(tmp_path, "other"):
        pass
