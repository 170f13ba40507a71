"""The ledger and its journal: one transaction, told once, whoever dies in between."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alphaforge.core.clock import SteppedClock, SystemClock
from alphaforge.core.errors import InvalidInputError
from alphaforge.core.home import Home
from alphaforge.core.journal import Entry, Journal
from alphaforge.core.journal_check import verify
from alphaforge.execution.ledger import Ledger, private_folder, put_mark
from alphaforge.tests.gateway_world import Crash

CLOCK = SteppedClock(datetime(2026, 1, 1, tzinfo=UTC))


class DyingJournal(Journal):
    """A journal whose process dies right after, or right before, an entry is on the disk."""

    dies_after = 0
    dies_before = 0

    def append(self, kind: str, **fields: object) -> Entry:
        if self.dies_before:
            raise Crash(kind)
        entry = super().append(kind, **fields)  # type: ignore[arg-type]
        if self.dies_after:
            raise Crash(kind)
        return entry


def journal(folder: Path) -> DyingJournal:
    return DyingJournal(Home(private_folder(folder)).journal_db, CLOCK)


def tell(ledger: Ledger, *words: str) -> None:
    with ledger.write() as writing:
        for word in words:
            writing.event("told", {"word": word})


def told(book: Journal) -> list[object]:
    return [entry.body["word"] for entry in book.entries(kind="told")]


@pytest.mark.parametrize("when", ["dies_after", "dies_before"])
def test_L5_an_event_whose_process_died_at_the_journal_is_told_once(
    tmp_path: Path, when: str
) -> None:
    folder = tmp_path / "gateway"
    book = journal(folder)
    ledger = Ledger(folder, book, CLOCK)
    tell(ledger, "first")
    setattr(book, when, 1)
    with pytest.raises(Crash):
        tell(ledger, "second", "third")
    ledger.close()
    book.close()
    again = journal(folder)
    Ledger(folder, again, CLOCK).close()
    assert told(again) == ["first", "second", "third"]
    again.close()
    assert verify(Home(folder).journal_db).is_ok


def test_L2_a_change_and_its_events_are_one(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    book = journal(folder)
    ledger = Ledger(folder, book, CLOCK)

    def die_inside() -> None:
        with ledger.write() as writing:
            put_mark(writing, "high", "1")
            writing.event("told", {"word": "lost"})
            raise Crash

    with pytest.raises(Crash):
        die_inside()
    assert ledger.mark("high") is None
    assert told(book) == []
    ledger.close()
    book.close()


def test_two_processes_of_one_home_tell_every_event_once(tmp_path: Path) -> None:
    folder = tmp_path / "gateway"
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            book = Journal(Home(private_folder(folder)).journal_db, SystemClock())
            ledger = Ledger(folder, book, SystemClock())
            for count in range(5):
                tell(ledger, f"{name}{count}")
            ledger.close()
            book.close()
        except Exception as error:  # noqa: BLE001  # A thread's failure must reach the test.
            failures.append(error)

    journal(folder).close()
    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book = journal(folder)
    assert failures == []
    assert sorted(map(str, told(book))) == sorted(f"{n}{c}" for n in "ab" for c in range(5))
    book.close()
    assert verify(Home(folder).journal_db).is_ok


def test_G1_the_gateway_home_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "gateway")
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o750)
    with pytest.raises(InvalidInputError, match="open to others"):
        private_folder(folder)
