"""The journal's chain: what was written stays as it was, or it shows."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alphaforge.core.chain import CLOCK_STEPPED, entry_hash
from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import BrokenError, LimitError, NotCanonicalError, NotFoundError
from alphaforge.core.journal import GENESIS, Journal, verify
from alphaforge.core.journal_check import read

START = datetime(2026, 1, 5, 12, tzinfo=UTC)


def journal_of(path: Path, entries: int = 5) -> Journal:
    journal = Journal(path, SteppedClock(START))
    for number in range(1, entries + 1):
        journal.append("thing.done", principal="ana", body={"number": number})
    return journal


def tamper(path: Path, *statements: str) -> None:
    """Change the file as its owner could: the guards against our own mistakes come off first."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.execute("DROP TRIGGER entries_no_delete")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_L1_entries_are_gapless_and_each_names_the_one_before(tmp_path: Path) -> None:
    entries = journal_of(tmp_path / "j.db").entries()
    assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.prev for entry in entries] == [GENESIS] + [entry.hash for entry in entries[:-1]]


def test_L1_an_entry_reads_back_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", SteppedClock(START))
    written = journal.append(
        "order.intent",
        principal="service:gateway",
        tenant="t1",
        request_id="apr_1",
        decision_id="dec_1",
        plan_hash="ff",
        body={"qty": Decimal("1.50"), "text": "\u00fc\u202e", "deep": [{"a": None}]},
    )
    assert journal.entries() == [written]
    assert written.body == {"qty": "1.5", "text": "\u00fc\u202e", "deep": [{"a": None}]}
    assert (written.tenant, written.request_id, written.plan_hash) == ("t1", "apr_1", "ff")
    assert journal.head() == written.hash


def test_L4_an_untouched_journal_verifies(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    verdict = verify(tmp_path / "j.db")
    assert verdict.is_ok
    assert (verdict.entries, verdict.head, verdict.faults) == (5, journal.head(), ())


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("""UPDATE entries SET body = '{"number":9}' WHERE seq = 3""", 3),
        ("UPDATE entries SET record = replace(record, 'ana', 'eve') WHERE seq = 2", 2),
        ("UPDATE entries SET kind = 'thing.undone' WHERE seq = 4", 4),
        ("DELETE FROM entries WHERE seq = 3", 3),
        ("DELETE FROM entries WHERE seq = 1", 1),
        ("UPDATE entries SET hash = prev WHERE seq = 5", 5),
        ("UPDATE entries SET seq = seq + 1 WHERE seq = 5", 5),
        ("UPDATE entries SET record = 'nonsense' WHERE seq = 2", 2),
    ],
    ids=["body", "record", "kind", "gap", "head", "hash", "number", "garbage"],
)
def test_L4_a_changed_journal_says_where_it_first_breaks(
    tmp_path: Path, statement: str, first_bad: int
) -> None:
    journal_of(tmp_path / "j.db").close()
    tamper(tmp_path / "j.db", statement)
    verdict = verify(tmp_path / "j.db")
    assert not verdict.is_ok
    assert verdict.first_bad_seq == first_bad, verdict.faults


def test_L4_reordered_entries_do_not_verify(tmp_path: Path) -> None:
    journal_of(tmp_path / "j.db").close()
    tamper(
        tmp_path / "j.db",
        "UPDATE entries SET seq = 99 WHERE seq = 2",
        "UPDATE entries SET seq = 2 WHERE seq = 3",
        "UPDATE entries SET seq = 3 WHERE seq = 99",
    )
    assert verify(tmp_path / "j.db").first_bad_seq == 2


def test_L4_an_entry_chained_to_another_place_does_not_verify(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    # The last entry again, well hashed, but as if the second one came right before it.
    second, last = journal.entries()[1], journal.entries()[-1]
    row = journal._connection.execute("SELECT record FROM entries WHERE seq = 5").fetchone()
    forged = entry_hash(second.hash, row["record"])
    journal.close()
    tamper(
        tmp_path / "j.db",
        f"UPDATE entries SET prev = '{second.hash}', hash = '{forged}' WHERE seq = {last.seq}",
    )
    assert verify(tmp_path / "j.db").faults == ("entry 5: does not follow the entry before it",)


def test_L3_a_cut_off_end_shows_against_a_checkpoint(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    point = journal.checkpoint(tmp_path / "elsewhere" / "points.jsonl")
    journal.close()
    assert verify(tmp_path / "j.db", tmp_path / "elsewhere" / "points.jsonl").is_ok
    tamper(tmp_path / "j.db", "DELETE FROM entries WHERE seq > 3")
    # A chain alone cannot know: this is what checkpoints are for.
    assert verify(tmp_path / "j.db").is_ok
    verdict = verify(tmp_path / "j.db", tmp_path / "elsewhere" / "points.jsonl")
    assert not verdict.is_ok
    assert f"saw {point.entries} entries" in verdict.faults[0]


def test_L3_a_wholly_rewritten_journal_shows_against_a_checkpoint(tmp_path: Path) -> None:
    journal_of(tmp_path / "j.db").checkpoint(tmp_path / "points.jsonl")
    forged = Journal(tmp_path / "forged.db", SteppedClock(START))
    for _ in range(6):
        forged.append("thing.done", principal="eve")
    assert verify(tmp_path / "forged.db").is_ok
    assert "rewritten" in verify(tmp_path / "forged.db", tmp_path / "points.jsonl").faults[0]


def test_L3_later_entries_do_not_disturb_a_checkpoint(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    journal.checkpoint(tmp_path / "points.jsonl")
    journal.append("thing.done", principal="ana")
    journal.checkpoint(tmp_path / "points.jsonl")
    assert verify(tmp_path / "j.db", tmp_path / "points.jsonl").is_ok


@pytest.mark.parametrize("statement", ["UPDATE entries SET kind = 'x'", "DELETE FROM entries"])
def test_L7_nobody_edits_or_deletes_through_the_store(tmp_path: Path, statement: str) -> None:
    journal = journal_of(tmp_path / "j.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        journal._connection.execute(statement)
    assert verify(tmp_path / "j.db").is_ok


def test_L6_a_secret_is_not_written_down(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j.db", SteppedClock(START))
    journal.append("x", principal="a", body={"venue": {"API_Secret": "hunter2", "name": "sim"}})
    journal.close()
    assert b"hunter2" not in (tmp_path / "j.db").read_bytes()
    assert next(read(tmp_path / "j.db")).body == {"venue": {"API_Secret": "***", "name": "sim"}}


def test_a_float_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    with pytest.raises(NotCanonicalError):
        journal.append("x", principal="a", body={"price": 1.5})
    with pytest.raises(LimitError):
        journal.append("x", principal="a", body={"text": "x" * 2_000_000})
    assert journal.size() == 5


def test_a_clock_that_goes_back_is_written_down_and_still_verifies(tmp_path: Path) -> None:
    clock = SteppedClock(START)
    journal = Journal(tmp_path / "j.db", clock)
    journal.append("x", principal="a")
    clock.advance(timedelta(hours=-1))
    journal.append("y", principal="a")
    assert [entry.kind for entry in journal.entries()] == ["x", CLOCK_STEPPED, "y"]
    verdict = verify(tmp_path / "j.db")
    assert verdict.is_ok
    assert "went back" in verdict.notes[0]


def test_L4_a_time_that_goes_back_unannounced_is_a_fault(tmp_path: Path) -> None:
    source = Journal(tmp_path / "j.db", SteppedClock(START))
    source._insert(None, "x", STAMP, "{}", "2026-01-05T12:00:00.000000Z")
    source._insert(source._last(), "y", STAMP, "{}", "2026-01-05T11:00:00.000000Z")
    verdict = verify(tmp_path / "j.db")
    assert verdict.first_bad_seq == 2
    assert "time goes back" in verdict.faults[0]


STAMP = {"principal": "", "tenant": "", "request_id": "", "decision_id": "", "plan_hash": ""}


def test_threads_and_two_openings_share_one_chain(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / "j.db", SteppedClock(START)) for _ in range(2)]

    def write(journal: Journal) -> None:
        for _ in range(20):
            journal.append("x", principal="a")

    threads = [threading.Thread(target=write, args=(journals[n % 2],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(tmp_path / "j.db").entries == 80
    assert verify(tmp_path / "j.db").is_ok


WRITER = """
import sys
from pathlib import Path
from alphaforge.core.clock import SystemClock
from alphaforge.core.journal import Journal
journal = Journal(Path(sys.argv[1]), SystemClock())
for number in range(15):
    journal.append("x", principal=sys.argv[2], body={"number": number})
"""


def test_processes_that_open_a_fresh_journal_together_share_one_chain(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "j.db")]
    writers = [subprocess.Popen([*command, f"writer {n}"]) for n in range(3)]
    assert [writer.wait(timeout=25) for writer in writers] == [0, 0, 0]
    verdict = verify(tmp_path / "j.db")
    assert verdict.is_ok, verdict.faults
    assert verdict.entries == 45


def broken_folder(path: Path) -> None:
    path.mkdir()


def not_a_database(path: Path) -> None:
    path.write_bytes(b"nonsense" * 1000)


@pytest.mark.parametrize("spoil", [broken_folder, not_a_database])
def test_a_journal_that_cannot_be_opened_says_so(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path / "j.db")
    journal = Journal(tmp_path / "j.db", SteppedClock(START))
    for use in (journal.head, journal.entries, lambda: journal.append("x", principal="a")):
        with pytest.raises(BrokenError, match="cannot be opened"):
            use()


def test_L2_what_could_not_wait_is_taken_in_once_when_the_journal_works(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    journal_of(path, 2).close()
    whole = path.read_bytes()
    path.write_bytes(b"nonsense" * 1000)
    broken = Journal(path, SteppedClock(START))
    for _ in range(2):
        assert broken.spool("kill.set", principal="sam", decision_id="d", body={"token": "s"})
    with (tmp_path / "j.db.spool").open("ab") as file:
        file.write(b'{"kind": "torn')
    path.write_bytes(whole)
    journal = Journal(path, SteppedClock(START))
    journal.append("x", principal="a")
    journal.append("x", principal="a")
    assert journal.spool("kill.set", principal="sam", decision_id="d", body={})
    journal.append("x", principal="a")
    kinds = [entry.kind for entry in journal.entries(after=2)]
    taken = ["journal.spooled"] * 3
    assert kinds == [*taken, "x", "x", "journal.spooled", "x"]
    first = journal.entries(kind="journal.spooled")[0].body["entry"]
    assert isinstance(first, dict)
    assert (first["kind"], first["body"]) == ("kill.set", {"token": "***"})
    assert verify(path).is_ok


def test_L2_a_full_disk_refuses_the_entry_and_keeps_the_chain(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BrokenError, match="cannot be written"):
        journal.append("x", principal="a", body={"text": "x" * 100_000})
    assert verify(tmp_path / "j.db").entries == 5


def test_a_damaged_file_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    journal_of(tmp_path / "j.db", 50).close()
    content = bytearray((tmp_path / "j.db").read_bytes())
    # The first page holds the table of tables, the third an index; the rest are entries.
    content[3 * 4096 :] = b"\xff" * (len(content) - 3 * 4096)
    (tmp_path / "j.db").write_bytes(content)
    assert not verify(tmp_path / "j.db").is_ok


def test_no_journal_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        verify(tmp_path / "none.db")


def test_entries_are_paged_and_chosen_by_kind(tmp_path: Path) -> None:
    journal = journal_of(tmp_path / "j.db")
    journal.append("other", principal="a")
    assert [entry.seq for entry in journal.entries(after=2, limit=2)] == [3, 4]
    assert [entry.seq for entry in journal.entries(kind="other")] == [6]
