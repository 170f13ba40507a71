"""Writers of records that meet, and writers that die: nothing is lost, nothing is doubled."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.data.records import Records
from alphaforge.data.records.delta import created
from alphaforge.data.records.place import Place
from alphaforge.tests.record_world import HOUR, LATER, START, bar_table, records_at

# Arguments: root (a folder or an uri), payload, price, batches, an audit event and what it names.
WRITING = """
import os, signal, sys
from pathlib import Path
import polars as pl
from alphaforge.core.clock import SystemClock
from alphaforge.data.records import Records
from alphaforge.tests.record_world import START, HOUR, bar_table

root, payload, price, batches, event, fragment = sys.argv[1:]

def watch(name, args):
    if event and name == event and any(fragment in str(arg) for arg in args):
        os.kill(os.getpid(), signal.SIGKILL)

records = Records(root if "://" in root else Path(root), SystemClock())
whole = pl.from_arrow(bar_table("ABC", 250, price=float(price)))
sys.addaudithook(watch)
for batch in range(int(batches)):
    first = START + 20 * batch * HOUR
    rows = whole.filter(pl.col("event_at").is_between(first, first + 29 * HOUR))
    records.upsert("bars", "perps", "binance", rows.to_arrow(), bar_seconds=3600, payload=payload)
"""
BATCHES = 12
ROWS = 3 * 250


def writing(
    root: Path | str, payload: str, price: float, event: str = "", fragment: str = ""
) -> subprocess.Popen[str]:
    words = [str(root), payload, str(price), str(BATCHES), event, fragment]
    return subprocess.Popen(
        [sys.executable, "-c", WRITING, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> int:
    _, errors = process.communicate(timeout=60)
    assert process.returncode in {0, -signal.SIGKILL}, errors
    return process.returncode


def stored(records: Records) -> pl.DataFrame:
    return records.scan("bars", "perps").sort("symbol", "event_at").collect()


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("scheme", ["", "file://"])
@pytest.mark.parametrize("prices", [(100.0, 100.0), (100.0, 300.0)])
def test_B1_two_writers_of_overlapping_rows_lose_and_double_nothing(
    tmp_path: Path, scheme: str, prices: tuple[float, float]
) -> None:
    # A lake behind an uri has no lock: its commits alone keep the writers apart.
    root = f"{scheme}{tmp_path}/lake" if scheme else tmp_path / "lake"
    names = ("left", "right")
    for process in [writing(root, *each) for each in zip(names, prices, strict=True)]:
        assert finished(process) == 0
    records = Records(root, SteppedClock(LATER))
    rows = stored(records)
    assert rows.height == rows.unique(["symbol", "event_at"]).height == ROWS
    (told,) = records.datasets()
    # Each of two opinions on a bar is there once.
    assert told.rows == ROWS * len(set(prices))


def test_B1_of_two_commits_on_one_version_one_fails(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    records.upsert("bars", "perps", "binance", bar_table(), bar_seconds=3600)
    place = Place(tmp_path / "lake" / "records", "perps", "bars")
    first, second = created(place), created(place)
    rows = pl.read_parquet(first.files()[0].path, hive_partitioning=True).with_columns(
        pl.col("bar_seconds").cast(pl.Int32), pl.col("month").cast(pl.String)
    )
    assert first.append(rows.head(1), {})
    assert not second.append(rows.head(1), {})
    assert created(place).version == first.version == 2


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("event", "fragment"),
    [
        ("os.mkdir", "records"),
        ("sqlite3.connect", "perps.bars.db"),
        ("open", "_delta_log"),
        ("open", "00000000000000000004.json"),
        ("open", "month=2025-01"),
    ],
)
def test_B1_a_writer_that_dies_leaves_whole_batches_and_goes_on(
    tmp_path: Path, event: str, fragment: str
) -> None:
    assert finished(writing(tmp_path / "lake", "p", 100.0, event, fragment)) == -signal.SIGKILL
    require_whole_and_resumable(tmp_path)


def has_file(folder: Path) -> bool:
    return any(folder.rglob("*.parquet"))


def has_commit(folder: Path) -> bool:
    return any(folder.rglob("00000000000000000003.json"))


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("is_time", [has_file, has_commit])
@pytest.mark.parametrize("wait_ms", [0, 7])
def test_B1_a_writer_that_is_killed_from_outside_leaves_whole_batches(
    tmp_path: Path, is_time: Callable[[Path], bool], wait_ms: int
) -> None:
    process = writing(tmp_path / "lake", "p", 100.0)
    folder = tmp_path / "lake" / "records"
    while process.poll() is None and not is_time(folder):
        time.sleep(0.001)
    time.sleep(wait_ms / 1000)
    process.send_signal(signal.SIGKILL)
    finished(process)
    require_whole_and_resumable(tmp_path)


def require_whole_and_resumable(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    if (tmp_path / "lake" / "records" / "perps" / "bars" / "_delta_log").exists():
        heights = {0, *(3 * (20 * batch + 30) for batch in range(BATCHES))}
        assert stored(records).height in heights
    assert finished(writing(tmp_path / "lake", "p", 100.0)) == 0
    clean = records_at(tmp_path / "clean")
    clean.upsert("bars", "perps", "binance", bar_table("ABC", 250), bar_seconds=3600)
    assert stored(records).equals(stored(clean))
    assert records.datasets()[0].rows == ROWS


@pytest.mark.slow
def test_B2_a_read_as_of_an_instant_is_what_was_read_at_it(tmp_path: Path) -> None:
    clock = SteppedClock(LATER)
    records = Records(tmp_path / "lake", clock)
    random = np.random.default_rng(11)
    seen = []
    for turn in range(16):
        now = clock.now()
        rows = [
            {
                "symbol": f"S{random.integers(4)}",
                "event_at": START + int(random.integers(24 * 50)) * HOUR,
                "available_at": now,
                "mark": float(random.integers(3)),
            }
            for _ in range(400)
        ]
        done = records.upsert("marks", "perps", "binance", pa.Table.from_pylist(rows))
        assert done.inserted + done.revised + done.unchanged == 400
        clock.advance(timedelta(minutes=1))
        at = clock.now()
        seen.append((at, done.version, read(records)))
        assert turn == 0 or done.revised > 0
        clock.advance(timedelta(minutes=1))
    for at, version, then in seen:
        assert read(records, as_of=at).equals(then)
        assert read(records, version=version).equals(then)
    assert not seen[0][2].equals(seen[-1][2])


def read(records: Records, **narrowed: object) -> pl.DataFrame:
    lazy = records.scan("marks", "perps", **narrowed)  # type: ignore[arg-type]
    return lazy.sort("symbol", "event_at").collect()


def test_a_commit_names_its_payload_and_what_it_did(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    records.upsert("bars", "perps", "binance", bar_table(), bar_seconds=3600, payload="obj_1")
    log = tmp_path / "lake/records/perps/bars/_delta_log/00000000000000000001.json"
    (said,) = [
        action["commitInfo"]
        for action in map(json.loads, log.read_text("utf-8").splitlines())
        if "commitInfo" in action
    ]
    assert (said["schema"], said["payload"], said["inserted"]) == ("bars.v1", "obj_1", 96)
