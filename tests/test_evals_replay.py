"""A session recorded from the real server replays without a difference, and shows each change."""

import atexit
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from alphaforge.evals import read_session
from alphaforge.tests.tool_lab import DATASET, FIRST, LIMITS, environment, import_market, lab_at

REPLAY = [sys.executable, "-m", "alphaforge", "evals", "replay"]
pytestmark = pytest.mark.timeout(240)
STRATEGY = """strategy volume {
  doc "Volume against its own mean"
  data sim bar 1h
  signal rank(ts_mean(volume, 24h) / volume)
  portfolio top_k 2, gross 1.0
}"""


async def converse(client: Client) -> None:
    """Do what an agent does, mistakes included, passing on what the tools answered."""

    async def call(tool: str, **arguments: object) -> dict[str, Any]:
        return (await client.call_tool(tool, arguments)).structured_content or {}

    await call("search", scope="datasets")
    await call("search", scope="operators", text="mean")
    await call("compile", text="rank(clse) + delay(close, -1)")
    await call("compile", text=FIRST, colour="red")
    await call("compile", text=FIRST)
    begun = await call("run", text=FIRST, dataset=DATASET, wait_s=0)
    one = await call("run", run_id=begun["run_id"], wait_s=120)
    assert one["state"] == "completed", one
    await call("run", text=FIRST, dataset=DATASET)
    two = await call("run", text=STRATEGY, parent=one["experiment_id"], wait_s=120)
    assert two["state"] == "completed", two
    await call("compile", text=STRATEGY)
    await call("search", text="volume", sort="sharpe")
    await call("search", like=one["experiment_id"])
    await call("compare", ids=[one["experiment_id"], two["experiment_id"]])
    await call("deploy", id=one["experiment_id"], limits=LIMITS)
    asked = await call("deploy", id=two["run_id"], limits=LIMITS, stage="live", note="please")
    assert asked["state"] == "pending", asked
    await call("deploy", plan_id=asked["request_id"])
    gone = await call("deploy", withdraw=asked["plan_id"], note="changed my mind")
    assert gone["state"] == "withdrawn", gone
    await call("deploy", id=one["experiment_id"], limits={"capitl": "1"})


@cache
def recorded() -> Path:
    """Record the session once: a real client, a real server process."""
    folder = Path(mkdtemp(prefix="alphaforge-session-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    home, file = folder / "home", folder / "session.jsonl"
    import_market(lab_at(home))
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "alphaforge", "serve", "--record", str(file), "--home", str(home)],
        env=environment(),
    )

    async def main() -> None:
        with anyio.fail_after(120):
            async with Client(server) as client:
                await converse(client)

    anyio.run(main)
    return file


def replayed(file: Path, *, hash_seed: str = "0", zone: str = "UTC") -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [*REPLAY, str(file), "--json", "--home", str(file.parent / "evals")],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**environment(), "PYTHONHASHSEED": hash_seed, "TZ": zone},
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def altered(file: Path, folder: Path, was: str, becomes: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert was in text
    changed = folder / "altered.jsonl"
    changed.write_text(text.replace(was, becomes), encoding="utf-8")
    return changed


def kept(file: Path, folder: Path, count: int) -> Path:
    """Keep the first questions of a session, with their answers: shorter replays."""
    rows = [json.loads(row) for row in file.read_text(encoding="utf-8").splitlines()]
    short = folder / "short.jsonl"
    short.write_text(
        "".join(json.dumps(row) + "\n" for row in rows if row.get("number", 0) <= count),
        encoding="utf-8",
    )
    return short


def test_a_recording_says_what_a_replay_needs() -> None:
    session = read_session(recorded())
    assert session.header.engine.startswith("eng_")
    assert session.header.principal.startswith("agent:")
    assert [note.name for note in session.header.datasets] == [DATASET]
    assert session.header.datasets[0].snapshot.startswith("snap_")
    assert session.footer is not None
    assert session.footer.calls == len(session.questions) == len(session.replies)
    assert session.footer.journal_head != session.header.journal_head


def test_an_unchanged_server_shows_no_difference_whenever_and_wherever_it_replays() -> None:
    for hash_seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        code, said = replayed(recorded(), hash_seed=hash_seed, zone=zone)
        assert said["differences"] == []
        assert said["notes"] == []
        assert said["calls"] == len(read_session(recorded()).questions)
        assert code == 0


CHANGES = (
    ('"warmup_bars": 24', '"warmup_bars": 25', (5, "fields.warmup_bars")),
    ("unknown argument `colour`", "unknown argument", (4, "fields.message")),
    ('"code": "AF902"', '"code": "AF900"', (4, "fields.code")),
    ('"severity": "error"', '"severity": "note"', (3, "fields.diagnostics[0].severity")),
)


def test_a_changed_answer_is_a_difference_with_its_call_and_path(tmp_path: Path) -> None:
    file = kept(recorded(), tmp_path, 5)
    for was, becomes, _ in CHANGES:
        file = altered(file, tmp_path, was, becomes)
    code, said = replayed(file)
    assert code == 1
    found = {(item["number"], item["path"]) for item in said["differences"]}
    assert {place for _, _, place in CHANGES} <= found
    assert {number for number, _ in found} == {3, 4, 5}


def test_another_engine_is_named_as_what_may_explain_a_difference(tmp_path: Path) -> None:
    short = kept(recorded(), tmp_path, 2)
    engine = read_session(short).header.engine
    code, said = replayed(altered(short, tmp_path, engine, "eng_of_yore"))
    assert code == 0
    assert any("eng_of_yore" in note for note in said["notes"])


def test_data_that_cannot_be_had_is_said_and_nothing_is_replayed(tmp_path: Path) -> None:
    short = kept(recorded(), tmp_path, 1)
    snapshot = read_session(short).header.datasets[0].snapshot
    code, said = replayed(altered(short, tmp_path, snapshot, "snap_of_yore"))
    assert code == 1
    assert "the session saw snap_of_yore" in said["message"]
    file_set = altered(short, tmp_path, '"is_synthetic": true', '"is_synthetic": false')
    code, said = replayed(file_set)
    assert code == 1
    assert "--data" in said["help"]


def test_a_replay_leaves_nothing_behind(tmp_path: Path) -> None:
    short = kept(recorded(), tmp_path, 2)
    before = set(tmp_path.iterdir())
    done = subprocess.run(
        [*REPLAY, str(short), "--home", str(recorded().parent / "evals")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**environment(), "TMPDIR": str(tmp_path)},
    )
    assert "2 calls replayed, 0 differences" in done.stdout, done.stdout + done.stderr
    assert set(tmp_path.iterdir()) == before


def test_record_is_a_verb_too(tmp_path: Path) -> None:
    file = tmp_path / "verb.jsonl"
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "alphaforge", "evals", "record", str(file), "--home", str(tmp_path / "home")],
        env=environment(),
    )

    async def main() -> None:
        async with Client(server) as client:
            assert not (await client.call_tool("search", {"scope": "docs"})).is_error

    anyio.run(main)
    session = read_session(file)
    assert [(item.tool, item.arguments) for item in session.questions] == [
        ("search", {"scope": "docs"})
    ]
    assert session.footer is not None
