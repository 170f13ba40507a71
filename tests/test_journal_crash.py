"""The journal under kill -9 and torn files: what was acknowledged is there."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from alphaforge.core.clock import SteppedClock
from alphaforge.core.journal import Journal, verify
from alphaforge.tests.humans import NOON

APPENDER = """
import json, sys
from pathlib import Path
from alphaforge.core.clock import SystemClock
from alphaforge.core.journal import Journal
journal = Journal(Path(sys.argv[1]), SystemClock())
for number in range(100_000):
    entry = journal.append("x", principal="a", body={"number": number, "pad": "p" * 300})
    print(json.dumps([entry.seq, entry.hash]), flush=True)
"""


def test_L5_kill_9_loses_no_acknowledged_entry(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    acknowledged: dict[int, str] = {}
    for rounds in (3, 17, 40):
        with subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(path)], stdout=subprocess.PIPE, text=True
        ) as appender:
            assert appender.stdout is not None
            lines = [appender.stdout.readline() for _ in range(rounds)]
            appender.send_signal(signal.SIGKILL)
            # What it acknowledged between the last line read and its death counts as well.
            lines += appender.stdout.readlines()
        whole = [line for line in lines if line.endswith("\n")]
        acknowledged |= dict(map(json.loads, whole))
        verdict = verify(path)
        assert verdict.is_ok, verdict.faults
        journal = Journal(path, SteppedClock(NOON))
        kept = {entry.seq: entry.hash for entry in journal.entries(limit=10_000)}
        journal.close()
        assert acknowledged.items() <= kept.items()
    assert len(acknowledged) >= 60


def test_L5_a_torn_tail_is_cut_to_whole_entries(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", SteppedClock(NOON))
    for number in range(8):
        journal.append("x", principal="a", body={"number": number})
    wal = (tmp_path / "j.db-wal").read_bytes()
    seen = set()
    for cut in range(0, len(wal), 1111):
        copy = tmp_path / f"cut{cut}"
        copy.mkdir()
        shutil.copy(tmp_path / "j.db", copy / "j.db")
        (copy / "j.db-wal").write_bytes(wal[:cut])
        torn = Journal(copy / "j.db", SteppedClock(NOON))
        kept = torn.size()
        torn.append("after the crash", principal="a")
        torn.close()
        verdict = verify(copy / "j.db")
        assert verdict.is_ok, (cut, verdict.faults)
        assert verdict.entries == kept + 1
        seen.add(kept)
    assert {0, 7} & seen
    assert len(seen) > 3
