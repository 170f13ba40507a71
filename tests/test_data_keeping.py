"""Compaction, vacuum and archive: smaller and elsewhere, and every read as before."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import BrokenError, InvalidInputError, NotFoundError
from alphaforge.data import Lake
from alphaforge.data.records import Records
from alphaforge.data.records.archive import Entry, add
from alphaforge.data.records.delta import opened
from alphaforge.data.records.place import Place
from alphaforge.tests.record_world import HOUR, LATER, START, bar_table, changed
from alphaforge.tests.test_data_command import alphaforge

DAYS = 80
# The process kills itself at an audit event that names a path.
MOVING = """
import os, signal, sys
from pathlib import Path
from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake

root, cold, event, fragment = sys.argv[1:]

def watch(name, args):
    if name == event and any(fragment in str(arg) for arg in args):
        os.kill(os.getpid(), signal.SIGKILL)

records = Lake(Path(root), SystemClock()).records
sys.addaudithook(watch)
records.archive("perps", before="2025-03", to=Path(cold))
"""


def grown(home: Path) -> Lake:
    """Make a lake whose bars came in pieces, and two of them twice."""
    clock = SteppedClock(LATER)
    lake = Lake(home / "lake", clock)
    for first in range(0, DAYS, 5):
        put(lake.records, bar_table("AB", 24 * 5, start=START + first * 24 * HOUR))
    clock.advance(timedelta(days=1))
    put(lake.records, changed(bar_table("AB", 24 * 5), 7, "close", 107.5))
    return lake


def put(records: Records, table: object) -> None:
    records.upsert("bars", "perps", "binance", table, bar_seconds=3600)


def rows(lake: Lake, **narrowed: object) -> pl.DataFrame:
    lazy = lake.records.scan("bars", "perps", **narrowed)  # type: ignore[arg-type]
    return lazy.sort("symbol", "event_at").collect()


def files(lake: Lake) -> int:
    return len(list((lake.root / "records/perps/bars").rglob("*.parquet")))


def test_B4_files_are_merged_and_nothing_else_changes(tmp_path: Path) -> None:
    lake = grown(tmp_path)
    now, then = rows(lake), rows(lake, as_of=LATER)
    assert not now.equals(then)
    (kept,) = lake.records.compact("perps")
    assert kept.files_before >= DAYS // 5 > 3 * kept.files_after
    assert rows(lake).equals(now)
    assert rows(lake, as_of=LATER).equals(then)
    assert rows(lake, version=16).equals(then)
    (again,) = lake.records.compact("perps")
    assert again.files_before == again.files_after == kept.files_after
    put(lake.records, bar_table("AB", 24 * 5))
    assert rows(lake).height == now.height


def test_B4_a_vacuum_keeps_the_versions_that_snapshots_name(tmp_path: Path) -> None:
    lake = grown(tmp_path)
    lake.refresh("perps")
    pinned = rows(lake)
    put(lake.records, changed(bar_table("AB", 24), 8, "close", 108.5))
    other = lake.records.version("bars", "perps")
    lake.records.compact("perps")
    before = files(lake)
    (kept,) = lake.vacuum("perps", retention_hours=24)
    assert (kept.deleted, files(lake)) == (0, before)
    (kept,) = lake.vacuum("perps", retention_hours=0)
    assert kept.deleted > 0
    ((_, version),) = lake.card("perps").records
    assert rows(lake, version=version).equals(pinned)
    assert not rows(lake).equals(pinned)
    with pytest.raises((FileNotFoundError, pl.exceptions.ComputeError, BrokenError)):
        rows(lake, version=other)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_B4_archived_months_are_served_revised_and_moved_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, cold = tmp_path / "home", tmp_path / "cold"
    lake = grown(home)
    cold.mkdir()
    now, then, version = rows(lake), rows(lake, as_of=LATER), lake.records.version("bars", "perps")
    code, told = alphaforge(home, capsys, "data", "list")
    (listed,) = told["records"]
    assert (code, listed["kind"], listed["rows"]) == (0, "bars", now.height + 1)
    words = ("data", "archive", "perps", "--before", "2025-03", "--to", str(cold))
    code, told = alphaforge(home, capsys, *words)
    assert (code, told["tables"][0]["months"]) == (0, ["2025-01", "2025-02"])
    code, told = alphaforge(home, capsys, "data", "vacuum", "perps", "--retention-days", "0")
    assert code == 0
    assert told["tables"][0]["deleted"] > 0
    left = {
        path.name
        for path in (lake.root / "records/perps/bars").rglob("month=*")
        if any(path.iterdir())
    }
    assert left == {"month=2025-03"}
    assert rows(lake).equals(now)
    assert rows(lake, as_of=LATER).equals(then)
    assert lake.refresh("perps").rows == now.height
    put(lake.records, changed(bar_table("AB", 24 * 5), 7, "close", 108.5))
    revised = rows(lake)
    assert revised["close"][7] == 108.5
    assert revised.height == now.height
    lake.records.archive("perps", before="2025-03", to=cold)
    assert rows(lake).equals(revised)
    assert version < lake.records.version("bars", "perps")
    cold.rename(tmp_path / "elsewhere")
    with pytest.raises(BrokenError, match="which is gone"):
        rows(lake)
    (tmp_path / "elsewhere").rename(cold)
    assert rows(lake).equals(revised)


def test_a_move_that_died_before_its_commit_moved_nothing(tmp_path: Path) -> None:
    lake, cold = grown(tmp_path), tmp_path / "cold"
    cold.mkdir()
    now = rows(lake)
    place = Place(lake.root / "records", "perps", "bars")
    add(place, Entry(1, str(cold), ("2025-01",), 1), 0)
    assert rows(lake).equals(now)
    put(lake.records, bar_table("A", 24 * 2, start=START + 90 * 24 * HOUR))
    (kept,) = lake.records.archive("perps", before="2025-02", to=cold)
    assert kept.months == ("2025-01",)
    assert rows(lake).height == now.height + 48


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("event", "fragment"),
    [
        ("open", "cold/perps/bars/_delta_log"),
        ("open", ".bars.archive.json."),
        ("os.rename", ".bars.archive.json."),
        ("open", "records/perps/bars/_delta_log"),
    ],
)
def test_B4_a_move_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, event: str, fragment: str
) -> None:
    lake, cold = grown(tmp_path), tmp_path / "cold"
    cold.mkdir()
    now, then = rows(lake), rows(lake, as_of=LATER)
    words = [str(lake.root), str(cold), event, fragment]
    done = subprocess.run([sys.executable, "-c", MOVING, *words], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    for _ in range(2):
        assert rows(lake).equals(now)
        assert rows(lake, as_of=LATER).equals(then)
        lake.records.archive("perps", before="2025-03", to=cold)
    assert {file.month for file in opened(Place(lake.root / "records", "perps", "bars")).hot()} == {
        "2025-03"
    }


def test_what_cannot_be_archived_is_refused(tmp_path: Path) -> None:
    lake = grown(tmp_path)
    with pytest.raises(InvalidInputError, match="to a folder outside it"):
        lake.records.archive("perps", before="2025-02", to=tmp_path / "none")
    with pytest.raises(InvalidInputError, match="`2099-01` is no month"):
        lake.records.archive("perps", before="2099-01", to=tmp_path)
    with pytest.raises(NotFoundError, match="has no records"):
        lake.records.compact("other")
