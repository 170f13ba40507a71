"""The gateway's own store: SQLite, on the disk before an effect, and the journal that follows it.

A change and the journal entries that tell of it are one transaction: the entries wait in an outbox
and go to the hash-chained journal right after the commit, before the caller may act on the change.
A crash in between loses none and doubles none: what waits is matched with the journal's tail by its
event id.
"""

import json
import sqlite3
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..core.canonical import canonical_json
from ..core.clock import Clock, to_text
from ..core.errors import InvalidInputError
from ..core.ids import derived_id
from ..core.journal import Journal
from ..core.sqlite import connect, transaction
from .lease import Lease, check_epoch
from .schema import SCHEMA

PRINCIPAL = "service:gateway"
TAIL_PAGE = 1000
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Writing:
    """One open transaction: rows to change, and events to journal with them."""

    db: sqlite3.Connection
    at: str

    def event(  # noqa: PLR0913  # The fields of an entry.
        self,
        kind: str,
        body: Mapping[str, object],
        *,
        request_id: str = "",
        plan_hash: str = "",
        decision_id: str = "",
        principal: str = PRINCIPAL,
    ) -> None:
        """Journal this once the transaction is committed."""
        text = canonical_json(body).decode()
        self.db.execute(
            "INSERT INTO outbox (kind, principal, request_id, decision_id, plan_hash, body, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (kind, principal, request_id, decision_id, plan_hash, text, self.at),
        )


class Ledger:
    """One gateway home's ledger; threads share it, processes too."""

    def __init__(self, home: Path, journal: Journal, clock: Clock) -> None:
        """Open the ledger of a gateway home, and journal what a crash left waiting."""
        self.home = private_folder(home)
        self.journal = journal
        self._clock = clock
        self._lock = threading.RLock()
        self._db = connect(home / "gateway.db", SCHEMA, durable=True)
        self.flush()

    @contextmanager
    def write(self, lease: Lease | None = None) -> Iterator[Writing]:
        """Change rows in one transaction; under a lease, only while its epoch is the highest.

        Raises:
            LeaseLostError: when another gateway took the account.
        """
        with self._lock:
            with transaction(self._db) as db:
                if lease is not None:
                    check_epoch(db, lease)
                yield Writing(db, to_text(self._clock.now()))
            self.flush()

    def check(self, lease: Lease) -> None:
        """Refuse a lease that is no longer the highest, without writing."""
        with self._lock:
            check_epoch(self._db, lease)

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Read rows."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def mark(self, name: str) -> str | None:
        """Read a named value, such as the high-water mark."""
        found = self.rows("SELECT value FROM marks WHERE name = ?", name)
        return str(found[0]["value"]) if found else None

    def flush(self) -> None:
        """Move what waits in the outbox to the journal, each event once."""
        with self._lock:
            if not self.rows("SELECT 1 FROM outbox WHERE journal_seq IS NULL LIMIT 1"):
                return
            with transaction(self._db) as db:
                waiting = db.execute(
                    "SELECT * FROM outbox WHERE journal_seq IS NULL ORDER BY number"
                ).fetchall()
                known = self._journalled(db)
                for row in waiting:
                    seq = known.get(_event_id(row)) or self._append(row)
                    db.execute(
                        "UPDATE outbox SET journal_seq = ? WHERE number = ?", (seq, row["number"])
                    )

    def close(self) -> None:
        """Close the file; what was written is on the disk."""
        with self._lock:
            self._db.close()

    def _journalled(self, db: sqlite3.Connection) -> dict[str, int]:
        """Return the events that a crash, ours or another process's, journalled without a mark."""
        last = db.execute("SELECT COALESCE(MAX(journal_seq), 0) AS seq FROM outbox").fetchone()
        after = int(last["seq"])
        found: dict[str, int] = {}
        while page := self.journal.entries(after=after, limit=TAIL_PAGE):
            found |= {str(entry.body.get("event_id", "")): entry.seq for entry in page}
            after = page[-1].seq
        return found

    def _append(self, row: sqlite3.Row) -> int:
        body = json.loads(row["body"]) | {"event_id": _event_id(row)}
        return self.journal.append(
            row["kind"],
            principal=row["principal"],
            request_id=row["request_id"],
            decision_id=row["decision_id"],
            plan_hash=row["plan_hash"],
            body=body,
        ).seq


def _event_id(row: sqlite3.Row) -> str:
    return derived_id("event", str(row["number"]), row["kind"], row["at"], row["body"])


def put_mark(writing: Writing, name: str, value: str) -> None:
    """Set a named value."""
    writing.db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))


def private_folder(home: Path) -> Path:
    """Create the gateway home, readable by its owner alone.

    Raises:
        InvalidInputError: when others may enter the folder that is there.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.stat().st_mode & OPEN_TO_OTHERS:
        raise InvalidInputError(
            f"the gateway home `{home.name}` is open to others", help=f"chmod 700 {home.name}"
        )
    return home
